"""Where a file mentions topics, and what it says twice: read off its tree, so faulty files will do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final, Literal, NamedTuple, TypeAlias

from graph_api.errors import Fault
from graph_api.formats.roadmap1.schema import MAX_TOPICS
from graph_api.formats.roadmap1.tree import Path, Tree, shown

_GROUPS: Final = ("any", "all", "of")

Kind: TypeAlias = Literal["definition", "placement", "requirement", "recommendation"]
Place: TypeAlias = tuple[Path, object]


class Mention(NamedTuple):
    """A topic's slug and its place; `by` is the topic that requires or recommends it."""

    topic: str
    kind: Kind
    path: Path
    by: str | None = None


def mentions(tree: Tree) -> Iterator[Mention]:
    """Every mention of a topic, in the order of the text: the sections' first, then those outside of them."""
    for section in _items(((), tree.data), "sections"):
        for item in _items(section, "topics"):
            yield from _topic(item, placed=True)
    for item in _items(((), tree.data), "topics"):
        yield from _topic(item, placed=False)


def repeats(tree: Tree) -> Iterator[Fault]:
    """What stands twice and may stand once, topics that rest on themselves, topics beyond the limit."""
    found = list(mentions(tree))
    sections = _keyed(_items(((), tree.data), "sections"), "slug")
    placed = [(mention.path, mention.topic) for mention in found if mention.kind == "placement"]
    yield from _twice(tree, sections, "The section", "is in this roadmap already")
    yield from _twice(tree, placed, "The topic", "is in this roadmap already")
    for item in _topics(tree):
        yield from _repeats_within(tree, item)
    for mention in found:
        if mention.topic == mention.by:
            yield tree.fault(f"The topic {shown(mention.topic)} cannot rest on itself.", mention.path)
    defined = [mention.path for mention in found if mention.kind == "definition"]
    if len(defined) > MAX_TOPICS:
        message = f"One file can define {MAX_TOPICS:,} topics, not {len(defined):,}."
        yield tree.fault(message, defined[MAX_TOPICS])


def _repeats_within(tree: Tree, topic: Place) -> Iterator[Fault]:
    tags = [(path, tag) for path, tag in _items(topic, "tags") if isinstance(tag, str)]
    recommended = [place for item in _items(topic, "recommends") for place in _leaves(item)]
    yield from _twice(tree, tags, "The tag", "is there already")
    yield from _twice(tree, _keyed(_items(topic, "resources"), "url"), "The address", "is there already")
    yield from _twice(tree, recommended, "The topic", "is recommended already")


def _topics(tree: Tree) -> Iterator[Place]:
    for section in _items(((), tree.data), "sections"):
        yield from _items(section, "topics")
    yield from _items(((), tree.data), "topics")


def _items(place: Place, key: str) -> Iterator[Place]:
    """The items of the list under `key`, each with its path; nothing where there is no list."""
    path, value = place
    items = value.get(key) if isinstance(value, dict) else None
    if isinstance(items, list):
        yield from (((*path, key, i), item) for i, item in enumerate(items))


def _keyed(places: Iterable[Place], key: str) -> Iterator[tuple[Path, str]]:
    """The text under `key` of each mapping among the places."""
    for path, value in places:
        if isinstance(value, dict) and isinstance(text := value.get(key), str):
            yield (*path, key), text


def _twice(tree: Tree, places: Iterable[tuple[Path, str]], what: str, how: str) -> Iterator[Fault]:
    first: dict[str, Path] = {}
    for path, text in places:
        if (former := first.setdefault(text, path)) != path:
            yield tree.fault(f"{what} {shown(text)} {how}, on line {tree.line(former)}.", path)


def _topic(place: Place, *, placed: bool) -> Iterator[Mention]:
    """The mentions in one item of a list of topics: its own slug, then what it rests on."""
    path, item = place
    if isinstance(item, str):
        yield Mention(item, "placement", path)
    for at, slug in _keyed([place], "slug"):
        if placed:
            yield Mention(slug, "placement", at)
        if isinstance(item, dict) and not item.keys() <= {"slug", "optional"}:
            yield Mention(slug, "definition", at)
        yield from _rests(place, slug)


def _rests(place: Place, slug: str) -> Iterator[Mention]:
    for item in _items(place, "requires"):
        yield from (Mention(topic, "requirement", at, slug) for at, topic in _leaves(item))
    for item in _items(place, "recommends"):
        yield from (Mention(topic, "recommendation", at, slug) for at, topic in _leaves(item))


def _leaves(place: Place) -> Iterator[tuple[Path, str]]:
    """The slugs of one requirement; what is nested is bounded by the depth of a tree."""
    path, item = place
    if isinstance(item, str):
        yield path, item
    yield from _keyed([place], "topic")
    for key in _GROUPS:
        for part in _items(place, key):
            yield from _leaves(part)
