"""The difference between two catalogues, checked before it may be written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from graph_api.errors import Unlearnable
from graph_api.knowledge.diagnosis import blocking_sets
from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.model import Catalogue, Slug

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Difference:
    """Slugs, each sorted, of what a change creates, changes and removes."""

    created: tuple[Slug, ...] = ()
    changed: tuple[Slug, ...] = ()
    removed: tuple[Slug, ...] = ()

    @classmethod
    def between(cls, before: Mapping[Slug, Value], after: Mapping[Slug, Value]) -> Difference:
        """What makes `after` of `before`."""
        return cls(
            created=tuple(sorted(after.keys() - before.keys())),
            changed=tuple(
                sorted(slug for slug in after.keys() & before.keys() if after[slug] != before[slug])
            ),
            removed=tuple(sorted(before.keys() - after.keys())),
        )

    def __bool__(self) -> bool:
        return bool(self.created or self.changed or self.removed)


@dataclass(frozen=True, slots=True)
class Unnamed:
    """What the documents no longer name, although what they replace held it.

    sections    (roadmap, section)
    placements  (roadmap, section, topic)
    topics      topics that would stand in no roadmap any more
    """

    sections: tuple[tuple[Slug, Slug], ...] = ()
    placements: tuple[tuple[Slug, Slug, Slug], ...] = ()
    topics: tuple[Slug, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sections or self.placements or self.topics)

    def sentences(self) -> Iterator[str]:
        """Each of them as a sentence without a verdict: what becomes of it depends on `prune`."""
        yield from (f"Section {section} of {roadmap}." for roadmap, section in self.sections)
        yield from (
            f"Topic {topic} in section {section} of {roadmap}." for roadmap, section, topic in self.placements
        )
        yield from (f"Topic {topic}, which stands in no roadmap any more." for topic in self.topics)


@dataclass(frozen=True, slots=True)
class Change:
    """A change that may be written: `after` is whole, every topic in it can be learned.

    unnamed  what the documents no longer name: removed with `prune`, kept without
    stubs    topics created for their name alone (their title is their slug)
    dropped  (topic, recommended topic): recommendations that went with a removed topic
    """

    before: Catalogue
    after: Catalogue
    topics: Difference
    roadmaps: Difference
    unnamed: Unnamed = field(default_factory=Unnamed)
    stubs: tuple[Slug, ...] = ()
    dropped: tuple[tuple[Slug, Slug], ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        return not (self.topics or self.roadmaps)

    @property
    def renamed(self) -> Mapping[Slug, Slug]:
        """Topics that go on under another slug."""
        return _renamed(self.before.topics, self.after.topics, self.after.aliases.topics)

    @property
    def renamed_roadmaps(self) -> Mapping[Slug, Slug]:
        """Roadmaps that go on under another slug."""
        return _renamed(self.before.roadmaps, self.after.roadmaps, self.after.aliases.roadmaps)

    @property
    def merged(self) -> Mapping[Slug, Slug]:
        """Topics that are one with another now, which was there before."""
        now = {old: new for old, new in self.after.aliases.topics.items() if old in self.before.topics}
        return {old: new for old, new in now.items() if new in self.before.topics and old != new}

    def summary(self) -> str:
        """The counts in one sentence: '2 topics created, 1 changed; 1 roadmap created.'"""
        parts = [
            _counted("topic", self.topics, self.renamed),
            _counted("roadmap", self.roadmaps, self.renamed_roadmaps),
        ]
        return f"{'; '.join(part for part in parts if part) or 'Nothing changes'}."


def _renamed(
    before: Mapping[Slug, object], after: Mapping[Slug, object], aliases: Mapping[Slug, Slug]
) -> Mapping[Slug, Slug]:
    return {old: new for old, new in aliases.items() if old in before and new not in before and new in after}


def _counted(noun: str, difference: Difference, renamed: Mapping[Slug, Slug]) -> str:
    counts = {
        "created": len(difference.created) - len(renamed),
        "renamed": len(renamed),
        "changed": len(difference.changed),
        "removed": len(difference.removed) - len(renamed),
    }
    said = [f"{count} {done}" for done, count in counts.items() if count]
    if not said:
        return ""
    first = next(count for count in counts.values() if count)
    said[0] = said[0].replace(" ", f" {noun} " if first == 1 else f" {noun}s ", 1)
    return ", ".join(said)


def refuse_unlearnable(after: PrerequisiteGraph, before: PrerequisiteGraph | None = None) -> None:
    """Raise Unlearnable, naming what blocks, when a graph holds topics that nobody could ever learn.

    With `before`, topics that nobody could learn there already are no reason, so that a catalogue that
    came in broken can be mended step by step. O(edges) where all is well.
    """
    if after.from_nothing.all():
        return
    old = set() if before is None else set(before.members_in(~before.from_nothing))
    if set(after.members_in(~after.from_nothing)) <= old:
        return
    blocking = blocking_sets(after)
    raise Unlearnable([group for group in blocking if not old.issuperset(group)] or blocking)


def changed(
    before: Catalogue,
    after: Catalogue,
    *,
    unnamed: Unnamed | None = None,
    stubs: tuple[Slug, ...] = (),
    dropped: tuple[tuple[Slug, Slug], ...] = (),
) -> Change:
    """The change from `before` to `after`; what can be learned afterwards is not looked at."""
    return Change(
        before=before,
        after=after,
        topics=Difference.between(before.topics, after.topics),
        roadmaps=Difference.between(before.roadmaps, after.roadmaps),
        unnamed=unnamed or Unnamed(),
        stubs=stubs,
        dropped=dropped,
    )
