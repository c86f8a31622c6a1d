"""Adapters of sending services: fetch a campaign, read its schedule, schedule it, pull it back."""
