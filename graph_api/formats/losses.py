"""What a format that says less than `roadmap/1` leaves out of a roadmap, in words and figures."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal, TypeAlias

from graph_api.formats.reading import Note
from graph_api.knowledge.change import rests
from graph_api.knowledge.model import Roadmap, Slug, Topic

Part: TypeAlias = Literal[
    "heading", "section", "optional", "title", "summary", "hours", "tag", "resource", "reason"
]

_LISTED: Final = 20
_PLURALS: Final = {"summary": "summaries", "estimate of hours": "estimates of hours"}

_Count: TypeAlias = Callable[[Roadmap, list[Topic]], int]


def extent(roadmap: Roadmap, topics: Mapping[Slug, Topic]) -> list[Topic]:
    """What a file holds: the topics that the roadmap places, in its order, then what those rest on."""
    placed = dict.fromkeys(slug for slug, _ in roadmap.placed() if slug in topics)
    return [topics[slug] for slug in (*placed, *sorted(rests(topics, placed) - placed.keys()))]


def left_out(
    fact: str, roadmap: Roadmap, topics: Mapping[Slug, Topic], *, said: Collection[Part]
) -> Iterator[Note]:
    """One note, or none: `fact` says what the format is, `said` names the parts that it does say."""
    held = extent(roadmap, topics)
    found = [
        _worded(count, words)
        for part, (words, number) in _PARTS.items()
        if part not in said and (count := number(roadmap, held))
    ]
    if found:
        named = found[0] if len(found) == 1 else f"{', '.join(found[:-1])} and {found[-1]}"
        yield Note("left out", f"{fact}; left out: {named}.")
    if absent := sorted({slug for slug, _ in roadmap.placed() if slug not in topics}):
        yield Note("unknown", f"Placed topics of which nothing else is known: {listed(absent)}.")


def listed(slugs: Sequence[Slug]) -> str:
    """The slugs with commas between, the first of many."""
    more = len(slugs) - _LISTED
    return f"{', '.join(slugs[:_LISTED])} and {more:,} more" if more > 0 else ", ".join(slugs)


def _worded(count: int, words: str) -> str:
    """'1 title', '2 titles', and words that start with "the" as they are."""
    if words.startswith("the "):
        return words
    if count == 1:
        return f"1 {words}"
    return f"{count:,} {_PLURALS.get(words) or f'{words}s'}"


def _heading(roadmap: Roadmap, _: list[Topic]) -> int:
    return int(roadmap.title != roadmap.slug) + bool(roadmap.summary) + int(roadmap.language != "en")


def _summaries(roadmap: Roadmap, topics: list[Topic]) -> int:
    sections = _truths(section.summary for section in roadmap.sections)
    return sections + _truths(topic.summary for topic in topics)


def _reasons(_: Roadmap, topics: list[Topic]) -> int:
    required = _truths(group.reason for topic in topics for group in topic.requires)
    return required + _truths(each.reason for topic in topics for each in topic.recommends)


def _truths(values: Iterable[object]) -> int:
    return sum(map(bool, values))


_PARTS: Final[Mapping[Part, tuple[str, _Count]]] = {
    "heading": ("the roadmap's own title, summary and language", _heading),
    "section": ("section", lambda roadmap, _: len(roadmap.sections)),
    "optional": (
        "optional flag",
        lambda roadmap, _: _truths(optional for _, optional in roadmap.placed()),
    ),
    "title": ("title", lambda _, topics: _truths(topic.title != topic.slug for topic in topics)),
    "summary": ("summary", _summaries),
    "hours": (
        "estimate of hours",
        lambda _, topics: _truths(topic.hours is not None for topic in topics),
    ),
    "tag": ("tag", lambda _, topics: sum(len(topic.tags) for topic in topics)),
    "resource": ("resource", lambda _, topics: sum(len(topic.resources) for topic in topics)),
    "reason": ("reason", _reasons),
}
"""Each part with its words and how often a roadmap has it."""
