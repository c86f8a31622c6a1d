"""Its entry point names a function."""


def main() -> None:
    """Not a module."""
