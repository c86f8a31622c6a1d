"""A rule whose name is taken."""
