"""What was sent before: recorded in a store, or given as a table of past sends."""
