"""The names of what stands next to topics: a table that fills as it is asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from graph_api.knowledge.graph.rows import Rows

if TYPE_CHECKING:
    from graph_api.knowledge.model import Slug


class Neighbours:
    """The topics at the edges of each, sorted, as far as anybody has asked; none where there is no topic.

    They are in a list by number: a dictionary of 45,000 topics would take a megabyte and a half more.
    """

    def __init__(self, slugs: Sequence[Slug], number: Mapping[Slug, int], rows: Rows) -> None:
        """Of topics named and numbered so; row i of `rows` has the numbers at the edges of topic i."""
        self._slugs = slugs
        self._number = number
        self._rows = rows
        self._known: list[tuple[Slug, ...] | None] = [None] * len(slugs)

    def of(self, slug: Slug) -> tuple[Slug, ...]:
        """Those of one. O(its edges)."""
        number = self._number.get(slug)
        if number is None:
            return ()
        known = self._known[number]
        return self._found(number) if known is None else known

    def of_all(self, slugs: Iterable[Slug]) -> dict[Slug, None]:
        """Those of all, each once, in their order. O(their edges)."""
        every: list[Slug] = []
        for number in map(self._number.get, slugs):
            if number is not None:
                known = self._known[number]
                every += self._found(number) if known is None else known
        return dict.fromkeys(every)

    def _found(self, number: int) -> tuple[Slug, ...]:
        near = sorted(set(self._rows[number].tolist()))
        found = self._known[number] = tuple(map(self._slugs.__getitem__, near))
        return found
