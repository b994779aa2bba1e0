"""A catalogue of any size that is the same in every run: roadmaps of 9 sections with 10 topics each."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any, Final

SECTIONS: Final = 9
TOPICS: Final = 10
ROADMAPS: Final = 50
LARGE: Final = 10
"""How many times as many roadmaps the large catalogue has."""

NEAR: Final = 30
"""Topics rest on some of so many before them in their roadmap, or on the first section of an earlier one."""

_THINGS: Final = """
caching queues indexing sharding replication logging tracing metrics routing rendering bundling
typing testing mocking profiling threading scheduling streaming parsing compiling linking packaging
signing hashing encryption tokens sessions cookies forms layouts grids fonts colours charts maps
sockets proxies gateways balancers clusters containers volumes images pipelines releases rollbacks
alerts budgets backups migrations schemas transactions locks cursors views triggers embeddings
tensors
"""
_MANNERS: Final = "first practical everyday advanced portable reliable measured secure simple distributed"
_NOUNS: Final = _THINGS.split()
_VIEWS: Final = _MANNERS.split()
_TEXT: Final = "What it is for, how it fails, and how to tell; with a small project."
_REASON: Final = "Its terms are used from the first page on."


def slugs(roadmaps: int = ROADMAPS) -> list[str]:
    """The slugs of the roadmaps, in order."""
    return [f"roadmap-{number:03}" for number in range(roadmaps)]


def topic_slugs(roadmaps: int = ROADMAPS) -> list[str]:
    """The slugs of all topics, in the order in which they may rest on each other."""
    return [_topic_slug(number) for number in range(roadmaps * SECTIONS * TOPICS)]


def words() -> list[str]:
    """What a search finds something for."""
    return [*_NOUNS, *_VIEWS]


def write(folder: Path, roadmaps: int = ROADMAPS) -> None:
    """Write a file of the format roadmap/1 for each roadmap."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, slug in enumerate(slugs(roadmaps)):
        (folder / f"{slug}.json").write_text(json.dumps(_roadmap(number, slug)))


def _topic_slug(number: int) -> str:
    return f"{_NOUNS[number % len(_NOUNS)]}-{number:05}"


def _roadmap(number: int, slug: str) -> dict[str, Any]:
    return {
        "format": "roadmap/1",
        "slug": slug,
        "title": f"Roadmap {number}",
        "summary": f"To become good at field {number}. {_TEXT}",
        "language": "en",
        "sections": [_section(number, place) for place in range(SECTIONS)],
    }


def _section(roadmap: int, place: int) -> dict[str, Any]:
    first = (roadmap * SECTIONS + place) * TOPICS
    return {
        "slug": f"section-{place}",
        "title": f"Part {place + 1}: {_NOUNS[(roadmap + 7 * place) % len(_NOUNS)].capitalize()}",
        "summary": _TEXT,
        "optional": place == SECTIONS - 2,
        "topics": [_topic(number) for number in range(first, first + TOPICS)],
    }


def _topic(number: int) -> dict[str, Any]:
    random = Random(number)
    slug = _topic_slug(number)
    noun, view = _NOUNS[number % len(_NOUNS)], random.choice(_VIEWS)
    return {
        "slug": slug,
        "title": f"{view.capitalize()} {noun} {number}",
        "summary": _TEXT[: random.randrange(15, len(_TEXT))].strip(),
        "optional": random.random() < 0.1,
        "hours": random.randrange(1, 40),
        "tags": random.sample(_NOUNS, 2),
        "resources": [
            {"title": f"{noun} {part}", "url": f"https://example.org/{slug}/{part}", "kind": "docs"}
            for part in ("guide", "reference")
        ],
        "requires": _requires(random, number),
    }


def _requires(random: Random, number: int) -> list[str | dict[str, Any]]:
    """About two topics before this one, each named once; a tenth of the groups are alternatives."""
    found: list[str | dict[str, Any]] = []
    if number % (SECTIONS * TOPICS) == 0:
        return found
    before = {_earlier(random, number) for _ in range(random.choice((1, 2, 3, 3)))}
    taken = set(before)
    for one in sorted(before):
        other = _earlier(random, number)
        group: dict[str, Any] = {"any": [_topic_slug(one)]}
        if random.random() < 0.1 and other not in taken:
            taken.add(other)
            group["any"].append(_topic_slug(other))
        if random.random() < 0.4:
            group["reason"] = _REASON
        found.append(group if len(group["any"]) > 1 or "reason" in group else _topic_slug(one))
    return found


def _earlier(random: Random, number: int) -> int:
    """A topic before this one, which as a rule stands in the same roadmap."""
    roadmap, place = divmod(number, SECTIONS * TOPICS)
    if roadmap and place >= TOPICS and random.random() < 0.15:
        return random.randrange(roadmap) * SECTIONS * TOPICS + random.randrange(TOPICS)
    return random.randrange(number - min(place, NEAR), number)
