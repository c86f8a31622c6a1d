"""What only decoding tells of a picture; needs Pillow, the extra `images`."""

from __future__ import annotations

import io

_FORMATS = ("GIF",)
_MOST_PIXELS = 50_000_000


class NoDecoderError(Exception):
    """Pillow is not installed; the text says how to get it."""


def first_frame_is_blank(content: bytes) -> bool | None:
    """Whether the first frame of an animation is one colour, or transparent; `None` when it cannot be decoded.

    Raises:
        NoDecoderError: Pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError:
        raise NoDecoderError(
            "pictures cannot be decoded without Pillow; install mailcheck-lint[images] to have first frames looked at"
        ) from None
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            if image.width * image.height > _MOST_PIXELS:
                return None
            frame = image.convert("RGBA")
    except Exception:  # noqa: BLE001 - decoders of hostile files raise anything; that the file is whole is judged elsewhere
        return None
    colours = frame.getcolors(2)
    if colours is not None and len(colours) == 1:
        return True
    return frame.getchannel("A").getextrema() == (0, 0)
