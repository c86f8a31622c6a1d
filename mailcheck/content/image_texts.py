"""Alternative texts that say nothing: the name of the file, or a word that stands for any picture."""

from __future__ import annotations

import re
from urllib.parse import unquote

from mailcheck.content.image_files import ImageFile
from mailcheck.content.images import Picture
from mailcheck.content.lazily import lazy
from mailcheck.content.link_address import TAG

_FILE_NAME = lazy(r"[^\s/\\][^/\\]{0,120}\.(?:png|jpe?g|gif|svg|webp|avif|bmp|tiff?|psd|heic)", re.IGNORECASE)
_ANY = frozenset(
    ("image", "images", "img", "picture", "pic", "photo", "photograph", "untitled", "graphic", "alt", "alt text", "alttext", "alt tag",
     "image alt", "image alt text", "insert alt text here", "insert alt text", "alternate text", "alternative text", "alt here",
     "placeholder", "placeholder image", "image placeholder", "image description", "description", "image1", "image 1", "image2",
     "image 2", "img1", "bild", "foto", "afbeelding", "plaatje", "imagen", "immagine", "imagem", "bilde", "billede", "kuva", "obraz",
     "zdjecie", "zdjęcie", "obrazek", "obrázek", "kep", "kép", "imagine", "resim", "görsel", "изображение", "картинка", "фото",
     "画像", "图片", "圖片", "이미지", "photo 1", "no alt", "none", "n/a", "test", "xxx", "todo", "tbd")
)  # fmt: skip


def says_nothing(picture: Picture) -> str:
    """Why an alternative text says nothing, for a sentence; empty when it says something, or may."""
    alt = " ".join((picture.alt or "").split())
    if not alt:
        return ""
    if _FILE_NAME.fullmatch(alt):
        return f"“{alt}” is the name of a file"
    if alt.casefold() in _ANY:
        return f"“{alt}” fits any picture"
    name = unquote(picture.address.partition("?")[0].rpartition("/")[2]).rpartition(".")[0]
    if (
        TAG not in name
        and len(name) > 3
        and alt == name
        and re.search(r"\d|_|[a-z]-[a-z]|@2x", name)
        and " " not in alt
    ):
        return f"“{alt}” is the name of its file"
    return ""


_ENDINGS = {
    "jpg": "jpeg",
    "jpeg": "jpeg",
    "jpe": "jpeg",
    "jfif": "jpeg",
    "png": "png",
    "apng": "png",
    "gif": "gif",
    "webp": "webp",
    "avif": "avif",
    "heic": "heic",
    "heif": "heic",
    "svg": "svg",
    "svgz": "svg",
    "bmp": "bmp",
    "ico": "ico",
    "tif": "tiff",
    "tiff": "tiff",
    "jxl": "jxl",
    "mp4": "video",
    "webm": "video",
    "mov": "video",
    "pdf": "pdf",
    "psd": "psd",
    "ai": "ai",
    "eps": "eps",
}
_TYPES = {
    "image/jpeg": "jpeg",
    "image/jpg": "jpeg",
    "image/pjpeg": "jpeg",
    "image/png": "png",
    "image/x-png": "png",
    "image/apng": "png",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/avif": "avif",
    "image/heic": "heic",
    "image/heif": "heic",
    "image/svg+xml": "svg",
    "image/bmp": "bmp",
    "image/x-ms-bmp": "bmp",
    "image/vnd.microsoft.icon": "ico",
    "image/x-icon": "ico",
    "image/tiff": "tiff",
    "image/jxl": "jxl",
}
_NO_TYPE = frozenset(("", "application/octet-stream", "image/*", "binary/octet-stream", "application/x-download"))


def declared_format(file: ImageFile) -> str:
    """The format that a file is said to have; empty when nobody said, `?` for what is none of a picture."""
    declared = file.declared.strip()
    if declared.startswith("."):
        return _ENDINGS.get(declared[1:], "")
    if declared in _NO_TYPE:
        return ""
    return _TYPES.get(declared, "" if declared.startswith("image/") else "?")


def format_of(picture: Picture, file: ImageFile | None) -> str:
    """The format of a picture by its file, or by the ending of its address; empty when neither tells."""
    if file is not None and file.probe.format != "unknown":
        return file.probe.format
    if picture.link is None or picture.link.scheme not in ("http", "https", ""):
        return ""
    last = picture.link.path.rpartition("/")[2]
    ending = last.rpartition(".")[2].lower() if "." in last else ""
    return _ENDINGS.get(ending, "")
