"""A photo from a phone: looked at as what it is, drawn again, and rid of everything that cannot be seen in it.

What a file calls itself counts for nothing. Where it was taken, with which phone and when stands in such files; none
of it is kept.
"""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from dispatch.errors import Invalid
from dispatch.visits.photos import Picture

MOST_BYTES = 12_000_000
MOST_PIXELS = 50_000_000
LONGEST_SIDE = 1600
QUALITY = 80
SIGNS = {"JPEG": (b"\xff\xd8\xff",), "PNG": (b"\x89PNG\r\n\x1a\n",), "WEBP": (b"RIFF",)}


def drawn_again(body: bytes, *, longest: int = LONGEST_SIDE) -> Picture:
    """A JPEG of ours with at most 1600 pixels a side, or fewer. Raises Invalid for whatever is no photo."""
    kind = next((name for name, signs in SIGNS.items() if body.startswith(signs)), None)
    if kind is None:
        raise _no_photo("Please send a JPEG, PNG or WebP photo.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _draw(body, kind, longest)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError):
        raise _no_photo("This photo cannot be read. Please take it again.") from None
    except Image.DecompressionBombWarning:
        raise _no_photo("This photo is too large. Please take it again, smaller.") from None


def _draw(body: bytes, kind: str, longest: int) -> Picture:
    with Image.open(io.BytesIO(body), formats=[kind]) as file:
        if file.width * file.height > MOST_PIXELS:
            raise _no_photo("This photo is too large. Please take it again, smaller.")
        file.draft("RGB", (longest, longest))
        seen = ImageOps.exif_transpose(file).convert("RGB")
    seen.thumbnail((longest, longest))
    bare = Image.frombytes("RGB", seen.size, seen.tobytes())
    drawn = io.BytesIO()
    bare.save(drawn, "JPEG", quality=QUALITY, optimize=True)
    return Picture(drawn.getvalue(), *bare.size)


def _no_photo(words: str) -> Invalid:
    return Invalid.field("photo", "no_photo", words)
