"""Which media type an answer has: the Accept header of RFC 9110 over the types of GraphQL over HTTP."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

JSON: Final = "application/json"
GRAPHQL: Final = "application/graphql-response+json"
EVENTS: Final = "text/event-stream"

# The first one answers where a client has no preference, as the specification's audits ask.
_OFFERED: Final = (JSON, GRAPHQL)
SHORT: Final = 200
"""Headers of so many characters are remembered: clients have few, and attackers long ones."""


def answer_type(accept: str | None, *, events: bool = False) -> str | None:
    """The offered type that the header likes best; None when it takes none of them.

    With `events`, text/event-stream is offered too, last.

    A quality value counts for the most specific range that matches a type, as RFC 9110 (12.5.1) says.
    """
    if accept is None or not accept.strip():
        return JSON
    return (_best if len(accept) <= SHORT else _best.__wrapped__)(accept, events)


@lru_cache(maxsize=256)
def _best(accept: str, events: bool) -> str | None:
    ranges = [_range(part) for part in accept.split(",")]
    liked = {offered: _quality(offered, ranges) for offered in (*_OFFERED, *((EVENTS,) if events else ()))}
    best = max(liked, key=lambda offered: liked[offered])
    return best if liked[best] > 0 else None


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    quality = next((value[2:] for value in parameters if value.startswith("q=")), "1")
    try:
        return name, min(1.0, max(0.0, float(quality)))
    except ValueError:
        return name, 0.0


def _quality(offered: str, ranges: list[tuple[str, float]]) -> float:
    for name in (offered, f"{offered.partition('/')[0]}/*", "*/*"):
        found = [quality for wanted, quality in ranges if wanted == name]
        if found:
            return max(found)
    return 0.0
