"""Keys of the past: a key of the present, an @, and the revision. No id and no slug holds an @."""

from __future__ import annotations

import re
from typing import Final

MARK: Final = "@"

_OF_THE_PAST: Final = re.compile(r"(.+)@([0-9]{1,15})")


def at(key: str, revision: int | None) -> str:
    """The key of the same thing at a revision; None is now."""
    return key if revision is None else f"{key}{MARK}{revision}"


def split(key: str) -> tuple[str, int | None]:
    """The key of the present, and the revision if it is one of the past."""
    found = _OF_THE_PAST.fullmatch(key) if MARK in key else None
    return (key, None) if found is None else (found[1], int(found[2]))


def revision_of(key: str) -> int | None:
    """The revision of a key of the past; None for one of the present."""
    return split(key)[1] if MARK in key else None
