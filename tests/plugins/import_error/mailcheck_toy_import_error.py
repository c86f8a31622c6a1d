"""Imports a name that is gone."""

from mailcheck import gone_in_this_version  # noqa: F401 - the import is to fail
