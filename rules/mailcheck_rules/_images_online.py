"""Rules `images/*` that ask the web for pictures. Each is fetched once, and judged as a file on disk would be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mailcheck import AsyncProblems, Problem, Problems, bad, good, rule
from mailcheck.content.image_files import ImageFiles
from mailcheck.content.image_texts import declared_format, format_of
from mailcheck.content.images import Images, described, shown_width
from mailcheck.content.links import Link
from mailcheck.online.asking import Checked, LinkChecks
from mailcheck.rule import Severity
from mailcheck_rules import _images_files, _images_shown
from mailcheck_rules._links_online import data_of, places, told_offline


@rule(severity="error")
@bad(html='<img src="https://shop.example/gone.png" alt="Tulips">', at="https://shop.example/gone.png")
@bad(html='<td background="https://fernhil.example/a.png">Tulips</td>', at="https://fernhil.example/a.png")
@bad(html='<img src="https://shop.example/locked.png" alt="Tulips">', at="https://shop.example/locked.png")
@good(html='<img src="https://shop.example/tulips.png" width="2" height="2" alt="Tulips">')
async def unreachable(link_checks: LinkChecks) -> AsyncProblems:
    """A picture does not load: there is no such file or server, or it is not for everybody.

    Mail clients load pictures through a proxy of their own, which has no password and no cookie, so one behind a login is
    a gap as well; that is a warning. Google's proxy remembers for a while that a picture was not there: upload it before the
    first test mail.
    """
    for one in await link_checks.pictures():
        state = one.verdict.state
        lost = state == "suspect" and one.file is None and one.verdict.reason != "certificate-ends"
        told = state == "broken" and one.question.page  # by `links/broken`, with all its places
        if (state == "broken" or lost) and not told and not told_offline(one):
            message = f"This picture does not load. {_of_picture(one.verdict.message)}{places(one.links)}"
            yield Problem(message, at=one.first, severity=None if state == "broken" else "warning", data=data_of(one))
    await link_checks.finish()


def _of_picture(message: str) -> str:
    return message.replace("The page does not exist: ", "It does not exist: ").replace("open the page", "see it")


@rule(severity="error")
@bad(html='<img src="https://shop.example/page.png" alt="Tulips">', at="https://shop.example/page.png")
@bad(html='<img src="https://shop.example/cut.png" alt="Tulips">', at="https://shop.example/cut.png")
@bad(html='<img src="https://shop.example/empty.png" alt="Tulips">', at="https://shop.example/empty.png")
@bad(html='<img src="https://shop.example/mistyped.png" alt="Tulips">', at="https://shop.example/mistyped.png")
@good(html='<img src="https://shop.example/tulips.png" width="2" height="2" alt="Tulips">')
async def online(link_checks: LinkChecks) -> AsyncProblems:
    """What a server sends for a picture is none, is cut off, is empty, or has a wrong content type.

    A web page in place of a picture is the usual way in which a missing one is answered. At most 5 MB are read; of a larger
    file only the beginning is known. A wrong content type is a warning: browsers guess, the proxies of mail services may not.
    """
    for one in await link_checks.pictures():
        file, answer = one.file, one.verdict.answer
        if file is None or answer is None:
            continue
        fault = _images_files.fault_of(file)
        declared = declared_format(file)
        if fault:
            cut_off = answer.ended == "short" and file.probe.is_picture
            yield Problem(
                f"{fault}{places(one.links)}",
                at=one.first,
                severity="warning" if cut_off else None,
                data={"format": file.probe.format, **data_of(one)},
            )
        elif declared and declared != file.probe.format:
            message = f"The server says that “{file.name}” is {file.declared}, and it is {file.probe.format.upper()}; have its content type corrected."
            yield Problem(f"{message}{places(one.links)}", at=one.first, severity="warning", data=data_of(one))


def _fetched(checked: Sequence[Checked]) -> ImageFiles:
    return ImageFiles({link.shape: one.file for one in checked if one.file is not None for link in one.links})


def _as(problems: Problems, severity: Severity) -> Problems:
    """The problems of another rule, under its severity."""
    for problem in problems:
        yield replace(problem, severity=problem.severity or severity)


@rule(severity="warning")
@bad(
    html='<img src="https://shop.example/tulips.png" alt="Tulips">',
    options={"most": 50},
    at="https://shop.example/tulips.png",
)
@good(html='<img src="https://shop.example/tulips.png" alt="Tulips">')
async def online_weight(images: Images, link_checks: LinkChecks, options: _images_files.WeightOptions) -> AsyncProblems:
    """A picture on the web, or all of them together, is heavy, so the mail stays empty for seconds on a phone.

    Of a `srcset` each picture is weighed, but not added up: only one of them is loaded.
    """
    checked = await link_checks.pictures()
    for problem in _images_files.weight(images, _fetched(checked), options):
        yield problem
    for one in checked:
        only_there = all(link.place == "srcset" for link in one.links)
        if only_there and one.file is not None and one.file.size > options.most:
            yield Problem(_images_files.too_heavy(one.file, options), at=one.first, data={"bytes": one.file.size})


@rule(severity="warning")
@bad(html='<img src="https://shop.example/logo" width="40" height="40" alt="Fernhill">', at="https://shop.example/logo")
@bad(
    html='<img src="https://shop.example/print.jpg" srcset="https://shop.example/tulips.png 600w" width="9" height="9" alt="A">',
    at="https://shop.example/tulips.png",
)
@good(html='<img src="https://shop.example/tulips.png" width="2" height="2" alt="Tulips">')
async def online_shown(
    images: Images, link_checks: LinkChecks, options: _images_shown.OversizedOptions
) -> AsyncProblems:
    """A picture on the web is shown out of shape, larger than it is, or far smaller, or in its full width by accident.

    As `images/stretched`, `images/blurry`, `images/oversized` and `images/dimensions` tell it of files. Also one of a `srcset`
    that is narrower or wider than it says there, so that phones choose the wrong one.
    """
    checked = await link_checks.pictures()
    files = _fetched(checked)
    for problem in _candidates(checked):
        yield problem
    for problem in _images_shown.stretched(images, files):
        yield problem
    for found in (_images_shown.blurry(images, files), _images_shown.oversized(images, files, options)):
        for problem in _as(found, "info"):
            yield problem
    for problem in _images_shown.unbounded(images, files):
        yield problem


def _candidates(checked: Sequence[Checked]) -> Problems:
    """What `srcset` says of pictures and is not so; each address once."""
    for one in checked:
        if one.file is None or one.file.probe.fault or one.file.probe.format == "svg" or not one.file.probe.width:
            continue
        turned = one.file.probe.orientation >= 5
        width = one.file.probe.height if turned else one.file.probe.width
        message = next((said for link in one.links if (said := _misdescribed(link, width))), "")
        if message:
            yield Problem(f"“{one.file.name}” {message}", at=one.first, severity="info", data={"width": width})


def _misdescribed(link: Link, width: int) -> str:
    """What is wrong with what `srcset` says of a picture that is so wide; empty when nothing is."""
    said = described(link)
    if said is None or link.element is None:
        return ""
    number, unit = said
    if unit == "w":
        wrong = abs(number - width) > max(2.0, 0.05 * number)
        return f"is {width:,} pixels wide, and srcset says {number:,.0f}w; say {width}w." if wrong else ""
    shown = shown_width(link.element) or 0
    if number <= 1 or not shown or width >= 0.9 * number * shown:
        return ""
    needed = round(number * shown)
    return (
        f"is {width:,} pixels wide; for {number:g}x of {shown} it needs {needed:,}, or it is blurry on sharp screens."
    )


@rule(severity="warning")
@bad(html='<img src="https://shop.example/lamp.gif" alt="Tulips">', at="https://shop.example/lamp.gif")
@bad(html='<img src="https://shop.example/print.jpg" alt="Tulips">', at="https://shop.example/print.jpg")
@bad(html='<img src="https://shop.example/logo" alt="Tulips">', at="https://shop.example/logo")
@good(html='<img src="https://shop.example/tulips.png" alt="Tulips">')
async def online_format(images: Images, link_checks: LinkChecks) -> AsyncProblems:
    """A picture on the web has a format or colours that many mail clients do not show.

    As `images/format`, `images/animation`, `images/blank_frame`, `images/cmyk` and `images/rotated` tell it of files. A format
    that the address already tells is left to `images/format`.
    """
    files = _fetched(await link_checks.pictures())
    untold = [
        one for one in images if (file := files.of(one)) is not None and format_of(one, None) != file.probe.format
    ]
    for problem in _as(_images_files.format(Images(tuple(untold), images.rendered), files), "warning"):
        yield problem
    for found in (_images_files.cmyk(images, files), _images_files.rotated(images, files)):
        for problem in found:
            yield problem
    for problem in _as(_images_files.animation(images, files), "info"):
        yield problem
    for problem in _images_files.blank_frame(images, files):
        yield problem
