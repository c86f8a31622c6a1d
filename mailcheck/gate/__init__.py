"""The gate: a service that stands between "schedule" and the sending service.

The decisions are plain functions and frozen data; the service, the store and the sending services are around them.
"""
