"""What a context knows, told by its type: to look at its values would compute them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any


def knows(context: object, *names: str) -> bool:
    """Whether a context has all of these."""
    kind: Any = type(context)  # to mypy a class is not hashable
    return _has(kind, names)


@lru_cache(maxsize=100)
def _has(kind: type, names: tuple[str, ...]) -> bool:
    return all(hasattr(kind, name) for name in names)
