"""What only decoding tells of a picture; needs Pillow, the extra `images`."""

from __future__ import annotations

import io

_FORMATS = ("GIF",)
_MOST_PIXELS = 50_000_000


class NoDecoderError(Exception):
    """Pillow is not installed; the text says how to get it."""


class NotDecodedError(Exception):
    """A picture of which nothing is known; the text says why, for a sentence."""


def first_frame_is_blank(content: bytes) -> bool:
    """Whether the first frame of an animation is one colour, or transparent.

    Raises:
        NoDecoderError: Pillow is not installed.
        NotDecodedError: the picture is too large for it, or broken.
    """
    try:
        from PIL import Image
    except ImportError:
        raise NoDecoderError(
            "pictures cannot be decoded without Pillow; install mailcheck-lint[images] to have first frames looked at"
        ) from None
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            width, height = image.size
            frame = image.convert("RGBA") if width * height <= _MOST_PIXELS else None
    except Exception:  # noqa: BLE001 - decoders of hostile files raise anything
        raise NotDecodedError("it cannot be decoded") from None
    if frame is None:
        raise NotDecodedError(f"it is {width:,} × {height:,} pixels large")
    colours = frame.getcolors(2)
    if colours is not None and len(colours) == 1:
        return True
    return frame.getchannel("A").getextrema() == (0, 0)
