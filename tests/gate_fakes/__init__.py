"""Sending services on loopback, built from the public descriptions of their APIs."""
