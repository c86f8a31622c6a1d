"""Brings nothing at all."""


def shouting() -> None:
    """Neither marked nor a hook."""
