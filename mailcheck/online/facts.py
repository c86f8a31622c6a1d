"""The fact `link_checks`."""

from __future__ import annotations

from mailcheck.content.images import Images
from mailcheck.content.links import Links
from mailcheck.online.asking import LinkChecks
from mailcheck.online.plan import plan
from mailcheck.rule import fact
from mailcheck.run import Run
from mailcheck.web.answers import Web


@fact
def link_checks(links: Links, images: Images, web: Web, run: Run) -> LinkChecks:
    """What the web says of every address of the message, each asked for once; what acts is never requested."""
    return LinkChecks(plan(links, images), web, run.profile == "send", run.progress)
