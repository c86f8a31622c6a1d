"""The rules that come with mailcheck: a plug-in like any other, one module a family."""
