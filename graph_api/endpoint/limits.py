"""What a document may ask for: limits, each with a setting, and the error of whatever is past one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from graph_api.endpoint.measures import Measures
from graph_api.errors import RoadmapError

_NESTING: Final = (list, dict)
"""What may have lists within it, of the values that JSON has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLimits:
    """The most that a document may have. Fragments count as often as they are reached.

    source_length characters of the text          tokens      words and signs of it; comments apart
    depth         fields within each other        aliases     fields that are given another name
    root_fields   fields of an operation itself   directives  @skip, @include and the like
    fields        fields of all operations        fragments   spreads of fragments with a name
    repeats       pairs of fields that have one name in one place, which validation must compare
    introspection_depth  fields within each other, from __schema or __type on
    list_entries  entries of all lists in arguments and variables
    cost          what the operation costs before it is executed, see `cost.py`
    """

    source_length: int = 50_000
    tokens: int = 2_000
    depth: int = 20
    aliases: int = 100
    root_fields: int = 50
    directives: int = 50
    fields: int = 1_000
    fragments: int = 60
    repeats: int = 1_000
    introspection_depth: int = 16
    list_entries: int = 20_000
    cost: int = 50_000

    def check(self, limit: str, found: int) -> None:
        """Raises LimitExceeded when this is past the limit of that name."""
        allowed = getattr(self, limit)
        if found > allowed:
            raise LimitExceeded(limit, allowed=allowed, found=found)

    def check_measures(self, measures: Measures) -> None:
        """Raises LimitExceeded for the first measure that is past its limit."""
        for name, found in measures.each():
            self.check(name, found)


class LimitExceeded(RoadmapError):
    """A document, or its variables, that asks for more than a limit allows; `found` is None if unknown."""

    code = "LIMIT_EXCEEDED"

    def __init__(self, limit: str, *, allowed: int, found: int | None = None) -> None:
        self.limit = limit
        self.allowed = allowed
        self.found = found
        had = "more" if found is None else str(found)
        super().__init__(f"Past the limit of {limit.replace('_', ' ')}: {allowed} at the most, not {had}.")

    @property
    def details(self) -> Mapping[str, object]:
        """The limit and by how much it is passed."""
        return {"limit": self.limit, "allowed": self.allowed, "found": self.found}


def list_entries(variables: Mapping[str, Any] | None, limits: DocumentLimits, *, besides: int = 0) -> int:
    """How many entries all lists in variables have, `besides` those of the document.

    Raises LimitExceeded as soon as it is past the limit, before it looks into such a list.
    """
    total = besides
    ahead: list[Any] = [variables]
    while ahead:
        value = ahead.pop()
        if isinstance(value, list):
            total += len(value)
            limits.check("list_entries", total)
            ahead += [each for each in value if isinstance(each, _NESTING)]
        elif isinstance(value, dict):
            ahead += [each for each in value.values() if isinstance(each, _NESTING)]
    return total
