"""A rule that takes a fact for something else."""

from mailcheck import Problem, Problems, rule


@rule()
def mistakes(subject: str) -> Problems:
    """Takes the subject for a text."""
    yield Problem(subject)
