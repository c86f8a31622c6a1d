"""Not looked into."""
