"""Slugs made of titles and codes of other systems."""

from __future__ import annotations

import re
import unicodedata
from itertools import count
from typing import Final

from graph_api.knowledge.model import SLUG_LENGTH, Slug

_BETWEEN: Final = re.compile("[^a-z0-9]+")
_ROOM: Final = 8
"""What a number and its hyphen may take of a slug."""


def slug_of(text: str) -> Slug:
    """The slug that a text suggests: 'MATH 1020' and 'MATH-1020' are math-1020; empty where it has none."""
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _BETWEEN.sub("-", text.lower()).strip("-")[:SLUG_LENGTH].rstrip("-")


class Slugs:
    """Slugs of keys, each key its own: a second key that suggests the same slug gets a number behind it."""

    def __init__(self) -> None:
        self._of: dict[str, Slug] = {}
        self._taken: set[Slug] = set()
        self._numbers: dict[Slug, count[int]] = {}

    def of(self, key: str, text: str | None = None) -> Slug:
        """The slug of a key, made of `text` (of the key itself without) when it is asked for first."""
        if key not in self._of:
            self._of[key] = self._free(slug_of(text or key) or "topic")
            self._taken.add(self._of[key])
        return self._of[key]

    def _free(self, slug: Slug) -> Slug:
        if slug not in self._taken:
            return slug
        stem = slug[: SLUG_LENGTH - _ROOM].rstrip("-")
        # Numbers go on from key to key: to start from 2 for each of thousands would take for ever.
        tries = (f"{stem}-{number}" for number in self._numbers.setdefault(stem, count(2)))
        return next(each for each in tries if each not in self._taken)
