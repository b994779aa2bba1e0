"""Slugs made of titles and codes of other systems."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import count
from typing import Final

from graph_api.knowledge.model import SLUG_LENGTH, Slug

_BETWEEN: Final = re.compile("[^a-z0-9]+")


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

    def of(self, key: str, text: str | None = None) -> Slug:
        """The slug of a key, made of `text` (of the key itself without) when it is asked for first."""
        if key not in self._of:
            self._of[key] = next(slug for slug in _tries(slug_of(text or key)) if slug not in self._taken)
            self._taken.add(self._of[key])
        return self._of[key]


def _tries(slug: Slug) -> Iterator[Slug]:
    base = slug or "topic"
    yield base
    for number in count(2):
        tail = f"-{number}"
        yield f"{base[: SLUG_LENGTH - len(tail)].strip('-')}{tail}"
