"""Sphinx: Markdown pages, no network, every warning an error (`sphinx-build -W docs FOLDER`)."""

from importlib.metadata import version as installed

project = "mailcheck"
author = "The mailcheck authors"
project_copyright = author
version = release = installed("mailcheck-lint")

extensions = ["myst_parser"]
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence", "deflist"]

source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "examples", "generated"]
nitpicky = True
highlight_language = "text"
# The examples of the rules are broken on purpose.
suppress_warnings = ["misc.highlighting_failure"]

html_theme = "furo"
html_title = f"mailcheck {release}"
html_copy_source = False
html_show_sphinx = False
