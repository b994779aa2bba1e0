"""From rows of slugs to the checked arrays of a prerequisite graph."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import numpy as np

from graph_api.errors import BadInput, InvalidRequirement
from graph_api.knowledge.graph.rows import Indices, Rows, offsets

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from graph_api.knowledge.model import Slug

UNESTIMATED_HOURS: Final = 1.0
"""What a topic without estimated hours counts in sums, so that fewer of them is still better."""


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """The topics of a graph in the making; `dangling` collects unknown names on the way."""

    slugs: tuple[Slug, ...]
    number: Mapping[Slug, int]
    hours: NDArray[np.float64]
    dangling: set[tuple[Slug, Slug]] = field(default_factory=set)

    @classmethod
    def of(cls, topics: Iterable[tuple[Slug, float | None]]) -> Parts:
        """Topics in the order of their slugs; raises BadInput for a repeated slug or impossible hours."""
        rows = sorted(topics, key=lambda row: row[0])
        slugs = tuple(slug for slug, _ in rows)
        number = {slug: place for place, slug in enumerate(slugs)}
        if len(number) < len(slugs):
            twice = next(a for a, b in pairwise(slugs) if a == b)
            raise BadInput(f'Two topics have the slug "{twice}"; a slug names one topic.')
        hours = [UNESTIMATED_HOURS if given is None else given for _, given in rows]
        return cls(slugs, MappingProxyType(number), _checked_hours(slugs, hours))

    def groups(self, rows: Iterable[tuple[Slug, int, Iterable[Slug]]]) -> tuple[Indices, Indices, Rows]:
        """(topic, need, members) of the groups, sorted by topic; those of one topic keep their order.

        Raises InvalidRequirement for an empty group, a repeated member, or a need out of range, and
        BadInput when the topic itself is unknown.
        """
        owners, needs, sizes, members = [], [], [], list[int]()
        for slug, need, of in rows:
            numbers = self._members(slug, need, tuple(of))
            owners.append(self._owner(slug))
            needs.append(need)
            sizes.append(len(numbers))
            members += numbers
        order = np.argsort(np.array(owners, dtype=np.int32), kind="stable")
        unsorted = Rows(offsets(np.array(sizes, dtype=np.int32)), np.array(members, dtype=np.int32))
        return (
            np.array(owners, dtype=np.int32)[order],
            np.array(needs, dtype=np.int32)[order],
            Rows(offsets(unsorted.sizes()[order]), unsorted.gather(order.astype(np.int32))),
        )

    def recommendations(self, rows: Iterable[tuple[Slug, Slug]]) -> Rows:
        """n rows of the topics recommended before each topic, ascending; a repeated one counts once."""
        pairs = set[tuple[int, int]]()
        for slug, before in rows:
            owner, number = self._owner(slug), self.number.get(before)
            if number is None:
                self.dangling.add((slug, before))
            else:
                pairs.add((owner, number))
        table = np.array(sorted(pairs), dtype=np.int32).reshape(-1, 2)
        return Rows.of(table[:, 0], table[:, 1], rows=len(self.slugs))

    def _owner(self, slug: Slug) -> int:
        number = self.number.get(slug)
        if number is None:
            raise BadInput(f'"{slug}" has requirements or recommendations, but is not among the topics.')
        return number

    def _members(self, slug: Slug, need: int, of: tuple[Slug, ...]) -> list[int]:
        if not of:
            raise InvalidRequirement(f'A group of requirements of "{slug}" is empty.')
        if len(of) > 1 and len(set(of)) < len(of):
            raise InvalidRequirement(f'A group of requirements of "{slug}" names a topic twice.')
        if not 1 <= need <= len(of):
            raise InvalidRequirement(
                f'A group of {len(of)} of "{slug}" asks for {need}; it can ask for 1 to {len(of)}.'
            )
        known = [(member, self.number.get(member)) for member in of]
        self.dangling.update((slug, member) for member, number in known if number is None)
        return sorted(number for _, number in known if number is not None)


def _checked_hours(slugs: tuple[Slug, ...], given: list[float]) -> NDArray[np.float64]:
    hours = np.array(given, dtype=np.float64)
    wrong = np.flatnonzero(~np.isfinite(hours) | (hours < 0))
    if len(wrong):
        first = int(wrong[0])
        raise BadInput(
            f'"{slugs[first]}" is said to take {hours[first]} hours; hours are zero or more, and finite.'
        )
    return hours
