"""Two states of a roadmap compared, field by field and place by place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeVar

from graph_api.knowledge.comparison.differences import (
    Differs,
    FieldChange,
    Named,
    Place,
    PlacementChange,
    RecommendationChange,
    RequirementChange,
    RoadmapDiff,
    SectionChange,
    Texts,
    TopicChange,
)
from graph_api.knowledge.comparison.order import unmoved
from graph_api.knowledge.comparison.side import Side
from graph_api.knowledge.model import Recommendation, Requirement, Resource, Section, Topic

T = TypeVar("T")

_ROADMAP: Final = ("slug", "title", "summary", "language")
_SECTION: Final = ("slug", "title", "summary", "optional")
_TOPIC: Final = ("slug", "title", "summary", "hours", "tags", "resources")


def compare(before: Side, after: Side) -> RoadmapDiff:
    """What makes the roadmap of `after` of the one of `before`, and its topics of theirs.

    Its topics are those that it places and all that those rest on. What has the same id on both sides is
    the same thing; another slug of it is a change of a field. A group of requirements is the same one
    when it has the same members. Linear in the size of the roadmap, but for `unmoved`.

    `compare(a, b)` and `compare(b, a)` say the same with the sides exchanged.
    """
    old, new = before.roadmap, after.roadmap
    return RoadmapDiff(
        before=None if old is None else Named(old.slug, old.title),
        after=None if new is None else Named(new.slug, new.title),
        fields=() if old is None or new is None else _fields(old, new, _ROADMAP),
        sections=tuple(_sections(before, after)),
        placements=tuple(_placements(before, after)),
        topics=tuple(_topics(before, after)),
        requirements=tuple(_requirements(before, after)),
        recommendations=tuple(_recommendations(before, after)),
    )


def _pairs(before: Mapping[str, T], after: Mapping[str, T]) -> Iterator[tuple[str, T | None, T | None]]:
    """What stands on either side by its key: what there is afterwards in its order, then what is gone."""
    for key, new in after.items():
        yield key, before.get(key), new
    for key, old in before.items():
        if key not in after:
            yield key, old, None


def _kind(before: object, after: object) -> Differs:
    if before is None:
        return "added"
    return "removed" if after is None else "changed"


def _fields(before: object, after: object, names: tuple[str, ...]) -> tuple[FieldChange, ...]:
    pairs = ((name, getattr(before, name), getattr(after, name)) for name in names)
    return tuple(FieldChange(name, _texts(old), _texts(new)) for name, old, new in pairs if old != new)


def _texts(value: object) -> Texts:
    """A value as a person reads it."""
    match value:
        case bool():
            return ("true" if value else "false",)
        case float() | int():
            return (f"{value:.15g}",)
        case tuple():
            return tuple(text for each in value for text in _texts(each))
        case Resource():
            return (f"{value.title} <{value.url}> ({value.kind})",)
        case _:
            return (str(value),) if value else ()


def _named(before: Topic | Section | None, after: Topic | Section | None) -> Named:
    one = after or before
    assert one is not None  # noqa: S101 - a pair has a side
    return Named(one.slug, one.title)


def _sections(before: Side, after: Side) -> Iterator[SectionChange]:
    old, new = _numbered(before), _numbered(after)
    kept = unmoved([*old], [*new])
    for key, former, now in _pairs(old, new):
        fields = () if former is None or now is None else _fields(former[1], now[1], _SECTION)
        moved = former is not None and now is not None and key not in kept
        if fields or moved or former is None or now is None:
            yield SectionChange(
                kind=_kind(former, now),
                section=_named(former and former[1], now and now[1]),
                before=None if former is None else former[0],
                after=None if now is None else now[0],
                moved=moved,
                fields=fields,
            )


def _numbered(side: Side) -> dict[str, tuple[int, Section]]:
    sections = () if side.roadmap is None else side.roadmap.sections
    return {side.section_id(each.slug): (position, each) for position, each in enumerate(sections)}


def _placements(before: Side, after: Side) -> Iterator[PlacementChange]:
    old, new = _places(before), _places(after)
    kept = _kept(before, after, old, new)
    for key, was, now in _pairs(old, new):
        moved = was is not None and now is not None and key not in kept
        other = was is None or now is None or was.optional != now.optional
        if moved or other:
            topic = _named(_topic(before, key), _topic(after, key))
            yield PlacementChange(_kind(was, now), topic, was, now, moved)


def _places(side: Side) -> dict[str, Place]:
    sections = () if side.roadmap is None else side.roadmap.sections
    return {
        side.id(at.topic): Place(section.slug, position, at.optional)
        for section in sections
        for position, at in enumerate(section.placements)
    }


def _kept(before: Side, after: Side, old: Mapping[str, Place], new: Mapping[str, Place]) -> set[str]:
    """The topics that stand in the same section on both sides and were not moved within it."""
    there: dict[str, tuple[list[str], list[str]]] = {}
    for key, place in old.items():
        there.setdefault(before.section_id(place.section), ([], []))[0].append(key)
    for key, place in new.items():
        there.setdefault(after.section_id(place.section), ([], []))[1].append(key)
    return {key for former, now in there.values() for key in unmoved(former, now)}


def _topic(side: Side, key: str) -> Topic | None:
    """A placed topic; one that its catalogue does not have is a mere name."""
    slug = side.slug_of.get(key)
    return None if slug is None else side.topics[slug]


def _topics(before: Side, after: Side) -> Iterator[TopicChange]:
    for _, old, new in _pairs(before.part, after.part):
        fields = () if old is None or new is None else _fields(old, new, _TOPIC)
        if fields or old is None or new is None:
            yield TopicChange(_kind(old, new), _named(old, new), fields)


def _requirements(before: Side, after: Side) -> Iterator[RequirementChange]:
    def same(one: Requirement, other: Requirement) -> bool:
        return (one.need, one.reason) == (other.need, other.reason)

    for topic, old, new in _edges(before, after, _groups, same):
        yield RequirementChange(_kind(old, new), topic, old, new)


def _recommendations(before: Side, after: Side) -> Iterator[RecommendationChange]:
    def same(one: Recommendation, other: Recommendation) -> bool:
        return one.reason == other.reason

    for topic, old, new in _edges(before, after, _recommended, same):
        yield RecommendationChange(_kind(old, new), topic, old, new)


def _edges(
    before: Side,
    after: Side,
    of: Callable[[Side, Topic], dict[str, T]],
    same: Callable[[T, T], bool],
) -> Iterator[tuple[Named, T | None, T | None]]:
    """What topics rest on that differs; a topic of one side alone rests on nothing on the other."""
    for _, former, now in _pairs(before.part, after.part):
        old = {} if former is None else of(before, former)
        new = {} if now is None else of(after, now)
        for _, one, other in _pairs(old, new):
            if one is None or other is None or not same(one, other):
                yield _named(former, now), one, other


def _groups(side: Side, topic: Topic) -> dict[str, Requirement]:
    return {" ".join(sorted(map(side.id, group.of))): group for group in topic.requires}


def _recommended(side: Side, topic: Topic) -> dict[str, Recommendation]:
    return {side.id(each.topic): each for each in topic.recommends}
