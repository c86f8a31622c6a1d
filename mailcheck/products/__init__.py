"""Which prices of a mail are of which products of the catalogue: mentions, pairs, and how each pair was made."""
