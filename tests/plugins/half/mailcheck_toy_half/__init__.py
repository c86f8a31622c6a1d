"""One module works, one does not."""
