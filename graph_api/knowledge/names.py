"""Slugs to numbers, and what an unknown slug was probably meant to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from rapidfuzz import fuzz, process

from graph_api.errors import UnknownSlugs
from graph_api.knowledge.model import SLUG_LENGTH

if TYPE_CHECKING:
    from graph_api.knowledge.model import Slug

HELPED: Final = 20
"""So many unknown slugs get suggestions: each costs a pass over all slugs, and nobody reads more."""

_SUGGESTIONS: Final = 3
_LIKENESS: Final = 60.0


def resolve(slugs: Iterable[Slug], number: Mapping[Slug, int], existing: Sequence[Slug]) -> list[int]:
    """The numbers of `slugs`, in their order; raises UnknownSlugs, naming all that are unknown, once each."""
    wanted = list(slugs)
    found = [number.get(slug, -1) for slug in wanted]
    if -1 in found:
        unknown = dict.fromkeys(slug for slug, place in zip(wanted, found, strict=True) if place < 0)
        raise UnknownSlugs("topic", suggestions(unknown, existing))
    return found


def suggestions(unknown: Iterable[Slug], existing: Sequence[Slug]) -> dict[Slug, list[Slug]]:
    """For each unknown slug the existing ones most like it, best first; for the first HELPED only."""
    return {slug: _nearest(slug, existing) if i < HELPED else [] for i, slug in enumerate(unknown)}


def _nearest(slug: Slug, existing: Sequence[Slug]) -> list[Slug]:
    """Likeness is 2 * (longest common subsequence) / (both lengths), in percent; ties by place."""
    if len(slug) > SLUG_LENGTH:
        return []
    found = process.extract(slug, existing, scorer=fuzz.ratio, limit=_SUGGESTIONS, score_cutoff=_LIKENESS)
    return [match for match, _, _ in found]
