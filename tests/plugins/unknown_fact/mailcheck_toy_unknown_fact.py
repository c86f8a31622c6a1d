"""A rule that asks for a fact that nobody has."""

from mailcheck import Part, Problem, Problems, rule


@rule()
def asks(subjekt: Part) -> Problems:
    """Asks for too much."""
    yield Problem("x", at=subjekt)
