"""Readers of plug-ins, so wrapped that none of them can end the run or hide a file."""

from __future__ import annotations

import msgspec

from mailcheck.campaign import Campaign
from mailcheck.crashes import describe, shown
from mailcheck.reading import Reader, ReadingError, Source
from mailcheck.reading.source import unread


def guarded(reader: Reader, stamp: str, crashes: list[str]) -> Reader:
    """The same reader, which never raises anything but `ReadingError`.

    Args:
        reader: from the hook `mailcheck_readers`.
        stamp: distribution and version that brought it.
        crashes: gets a sentence when `matches` fails; the file is then left to the other readers.

    A crash of `read` makes a campaign that could not be read, so its verdict is `unsure`.
    """

    def matches(path: str, head: bytes) -> bool:
        try:
            return bool(reader.matches(path, head))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001 - a plug-in's fault must not end the run
            why = describe(error, reader.matches)
            crashes.append(_sentence(f"could not say whether it reads {path or 'this'}: {why}"))
            return False

    def read(source: Source) -> Campaign:
        try:
            campaign: object = reader.read(source)
        except (KeyboardInterrupt, ReadingError):
            raise
        except BaseException as error:  # noqa: BLE001 - as above
            return unread(source.path, reader.name, "plugin", _sentence(f"failed: {describe(error, reader.read)}"))
        if not isinstance(campaign, Campaign):
            message = _sentence(f"returned {shown(campaign)}, which is no Campaign")
            return unread(source.path, reader.name, "plugin", message)
        return campaign

    def _sentence(what: str) -> str:
        return f"The reader {reader.name} of plug-in {stamp} {what}; mend the plug-in, or block it in the settings."

    return msgspec.structs.replace(reader, matches=matches, read=read)
