"""Owns the short form of networks that fits into a link. Must not know what a network is."""

from __future__ import annotations

import base64
import binascii
import zlib

from nbkit.errors import fail

PREFIX = "nbkit1."
LONGEST = 32_000  # characters: what browsers and mail carry safely
LARGEST = 4_000_000  # characters of JSON that a link may unfold to


def to_link(text: str) -> str:
    """Pack JSON text into letters, digits, ``-`` and ``_``.

    Raises:
        NbkitError: ``link-too-long`` if the result is too long to be passed on.
    """
    packed = PREFIX + base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")
    if len(packed) > LONGEST:
        what = f"{len(packed)} characters; a link may have {LONGEST}"
        raise fail("link-too-long", "link", what, "draw large arrays from laws, or send the file of to_json()")
    return packed


def from_link(link: str) -> str:
    """Unpack the JSON text of a link.

    Raises:
        NbkitError: ``bad-link`` if it is no link, or unfolds to more than a network may need.
    """
    if not isinstance(link, str) or not link.startswith(PREFIX) or len(link) > LONGEST:
        raise fail("bad-link", "link", "this is no link of a network", "give text from to_link()")
    packed = link.removeprefix(PREFIX)
    try:
        folded = base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4))
        unfolder = zlib.decompressobj()
        text = unfolder.decompress(folded, LARGEST)
        if unfolder.unconsumed_tail or not unfolder.eof:
            raise fail(
                "bad-link", "link", f"it is cut off, or unfolds to more than {LARGEST} characters", "copy it again"
            )
        return text.decode()
    except (ValueError, binascii.Error, zlib.error):
        raise fail("bad-link", "link", "the link is damaged", "copy it again, whole") from None
