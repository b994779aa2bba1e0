"""What Metacademy learns a concept from: a place in a book, a lecture, a page."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import TypeAdapter, ValidationError

from graph_api.formats.metacademy.dump import Dump, Record
from graph_api.formats.reading import Note
from graph_api.formats.roadmap1.text import MAX_TITLE, Url
from graph_api.formats.roadmap1.tree import shown
from graph_api.formats.shortening import Shortening
from graph_api.knowledge.model import MAX_RESOURCES, Resource, ResourceKind

FIELDS: Final[Mapping[str, frozenset[str]]] = {
    "graph.conceptresource": frozenset({"concept", "global_resource", "ordering", "core"}),
    "graph.globalresource": frozenset({"title", "url", "resource_type"}),
    "graph.resourcelocation": frozenset({"cresource", "url", "location_text", "ordering"}),
}
"""What is read of each model."""

_KINDS: Final[tuple[tuple[re.Pattern[str], ResourceKind], ...]] = (
    (re.compile("video"), "video"),
    (re.compile("book|monograph|^text$"), "book"),
    (re.compile("course|lecture|^notes$|slides"), "course"),
    (re.compile("paper|thesis|report|tutorial|article|blog|survey|introduction"), "article"),
    (re.compile("wiki|reference|compendium"), "docs"),
    (re.compile("interactive|visualization"), "tool"),
)
"""Kinds by words in their free text, the first that fits."""

_NOT_CORE: Final = "not core"
_ADDRESS: Final = TypeAdapter(Url)


class Resources:
    """The resources of concepts, those at the core of a concept first."""

    def __init__(self, dump: Dump, short: Shortening) -> None:
        self._short = short
        self._sources = dump.of("graph.globalresource")
        self._uses = _by(dump.of("graph.conceptresource"), "concept")
        self._places = _by(dump.of("graph.resourcelocation"), "cresource")
        self._used: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._kinds: Counter[str] = Counter()

    def of(self, concept: str) -> tuple[Resource, ...]:
        """The resources of a concept, each address once."""
        uses = self._uses.get(concept, [])
        uses.sort(key=lambda use: (not use.true("core"), use.number("ordering") or 0))
        found: dict[str, Resource] = {}
        for use in uses:
            for resource in self._resources(use):
                if found.setdefault(resource.url, resource) is not resource:
                    self._counts["with an address that the topic has already"] += 1
        self._counts[_NOT_CORE] += sum(not use.true("core") for use in uses)
        kept = tuple(found.values())[:MAX_RESOURCES]
        self._counts[f"beyond the first {MAX_RESOURCES} of a topic"] += len(found) - len(kept)
        return kept

    def notes(self) -> Iterator[Note]:
        """What was left out, and what was read as an article."""
        if count := self._counts.pop(_NOT_CORE, 0):
            yield Note(
                "core", f"Resources that are not at the core of their concept come last in it: {count:,}."
            )
        for why, count in sorted((+self._counts).items()):
            yield Note("resource", f"Resources left out, {why}: {count:,}.")
        if unused := len(self._sources.keys() - self._used):
            yield Note("resource", f"Sources that no concept uses are left out: {unused:,}.")
        if self._kinds:
            named = ", ".join(
                f"{shown(kind)} ({count:,})" for kind, count in sorted(self._kinds.items())[:20]
            )
            yield Note("kind", f"Resources of these kinds are read as articles: {named}.")

    def _resources(self, use: Record) -> Iterator[Resource]:
        """One for each place in the source that has an address of its own; else one for the source."""
        source = self._sources.get(use.text("global_resource"))
        if source is None:
            self._counts["as their source is not in the dump"] += 1
            return
        self._used.add(source.pk)
        title, url = source.text("title"), source.text("url").strip()
        places = self._places.get(use.pk, [])
        places.sort(key=lambda place: place.number("ordering") or 0)
        own = [(place, address) for place in places if (address := self._address(place.text("url"), url))]
        if not own and not (url := self._address(url)):
            self._counts["without an address"] += 1
            return
        for place, address in own:
            yield self._resource(address, [title, place.text("location_text")], source)
        if not own:
            texts = filter(None, (place.text("location_text") for place in places))
            yield self._resource(url, [title, "; ".join(texts)], source)
        else:
            self._counts["as places in a source of which others have an address"] += len(places) - len(own)

    def _address(self, text: str, base: str = "") -> str:
        """The web address, empty for none. One that starts with # is within the source's own."""
        text = text.strip()
        if not text:
            return ""
        address = f"{base.partition('#')[0]}{text}" if text.startswith("#") else text
        try:
            return _ADDRESS.validate_python(address)
        except ValidationError:
            self._counts["as their address is none of the web"] += 1
            return ""

    def _resource(self, url: str, titles: list[str], source: Record) -> Resource:
        title = self._short.line(": ".join(filter(None, titles)), MAX_TITLE, "titles of resources")
        return Resource(url, title or url[:MAX_TITLE], self._kind(source.text("resource_type")))

    def _kind(self, told: str) -> ResourceKind:
        """The kind of a source, an article where its own word says nothing to us."""
        words = told.strip().lower()
        found = next((kind for pattern, kind in _KINDS if pattern.search(words)), None)
        if found is None and words:
            self._kinds[words] += 1
        return found or "article"


def _by(records: Mapping[str, Record], field: str) -> dict[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for record in records.values():
        found.setdefault(record.text(field), []).append(record)
    return found
