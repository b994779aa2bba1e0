"""What a difference means to a learner: what becomes ready, what gets blocked, how far the way is now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from graph_api.errors import UnknownSlugs, Unlearnable
from graph_api.knowledge.comparison.differences import Named
from graph_api.knowledge.names import suggestions
from graph_api.knowledge.path import cheapest_path
from graph_api.knowledge.path.selection import DEADLINE_SECONDS
from graph_api.knowledge.state import KnowledgeState
from graph_api.knowledge.state.proof import Standing

if TYPE_CHECKING:
    from graph_api.knowledge.comparison.side import Side
    from graph_api.knowledge.model import Slug

_Pair: TypeAlias = "tuple[Slug | None, Slug | None]"

_BLOCKED: Final = (Standing.BLOCKED, Standing.UNLEARNABLE)


@dataclass(frozen=True, slots=True)
class PathHours:
    """Hours of the cheapest path to a roadmap's topics; `optimal` when they are the proven lower bound."""

    hours: float
    lower_bound: float
    optimal: bool


@dataclass(frozen=True, slots=True)
class Effects:
    """What a difference means to someone who knows some topics.

    newly_ready    topics of the roadmap afterwards that are ready, and were not: known, blocked or not there
    newly_blocked  topics of the roadmap afterwards that were ready, and wait for others now
    before, after  the hours to the roadmap's topics; None where no path leads to them, or it is not there
    vanished       known topics that the catalogue does not have any more, not under another name either
    """

    newly_ready: tuple[Named, ...]
    newly_blocked: tuple[Named, ...]
    before: PathHours | None
    after: PathHours | None
    vanished: tuple[Named, ...]


def effects(
    before: Side,
    after: Side,
    known: Sequence[Slug] = (),
    *,
    skipped: Sequence[Slug] = (),
    include_optional: bool = False,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> Effects:
    """The effects for someone who knows and skips these topics, by slugs or other names of either side.

    A path leads to the required topics, with `include_optional` to all; the deadline holds for each of
    the two. Raises UnknownSlugs, naming all that name a topic on neither side.
    """
    named = dict(_both(before, after, dict.fromkeys((*known, *skipped))))
    pairs, passed = [named[name] for name in known], [named[name] for name in skipped]
    had = KnowledgeState.of(before.graph, _there(old for old, _ in pairs), _there(old for old, _ in passed))
    has = KnowledgeState.of(after.graph, _there(new for _, new in pairs), _there(new for _, new in passed))
    was, now = _standings(before, had), _standings(after, has)
    vanished = sorted({old for old, new in pairs if old is not None and new is None})
    ready = [key for key, one in now.items() if one is Standing.READY and was.get(key) is not one]
    blocked = [key for key, one in now.items() if one in _BLOCKED and was.get(key) is Standing.READY]
    return Effects(
        newly_ready=_names(after, (after.slug_of[key] for key in ready)),
        newly_blocked=_names(after, (after.slug_of[key] for key in blocked)),
        before=_hours(before, had, include_optional=include_optional, seconds=deadline_seconds),
        after=_hours(after, has, include_optional=include_optional, seconds=deadline_seconds),
        vanished=_names(before, vanished),
    )


def _there(slugs: Iterable[Slug | None]) -> list[Slug]:
    return [slug for slug in slugs if slug is not None]


def _both(before: Side, after: Side, names: Iterable[Slug]) -> Iterator[tuple[Slug, _Pair]]:
    """The slugs of topics on both sides. A name that both sides have is meant as it is afterwards."""
    unknown = []
    for name in names:
        new = after.find(name)
        old = before.find(name) if name not in after.topics else before.slug_of.get(after.id(name))
        if new is None and old is not None:
            new = after.slug_of.get(before.id(old))
        if old is None and new is not None:
            old = before.slug_of.get(after.id(new))
        if old is None and new is None:
            unknown.append(name)
        yield name, (old, new)
    if unknown:
        raise UnknownSlugs("topic", suggestions(unknown, sorted({*before.topics, *after.topics})))


def _standings(side: Side, state: KnowledgeState) -> Mapping[str, Standing]:
    """Where the topics of the roadmap stand, by id, in its order."""
    placed = () if side.roadmap is None else tuple(slug for slug, _ in side.roadmap.placed())
    found = state.standings(placed)
    return {side.id(slug): found[slug] for slug in placed}


def _names(side: Side, slugs: Iterable[Slug]) -> tuple[Named, ...]:
    return tuple(Named(slug, side.topics[slug].title) for slug in slugs)


def _hours(side: Side, state: KnowledgeState, *, include_optional: bool, seconds: float) -> PathHours | None:
    if side.roadmap is None:
        return None
    goals = [slug for slug, optional in side.roadmap.placed() if include_optional or not optional]
    known = side.graph.members_in(state.met)
    try:
        path = cheapest_path(side.graph, goals=goals, known=known, deadline_seconds=seconds)
    except Unlearnable:
        return None
    return PathHours(path.total_hours, path.lower_bound, path.optimal)
