"""Would crash."""

raise RuntimeError("tests are no part of the plug-in")
