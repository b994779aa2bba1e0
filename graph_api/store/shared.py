"""What is kept shares the strings that name nodes, and lists of tags: it takes a quarter more memory else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from sys import intern
from types import MappingProxyType
from typing import Any, Final

from graph_api.store.nodes import Need, Outline, TopicNode

_TAGS: Final = 10_000


def shared(table: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is to be kept in a table of these values; what is not there is not kept."""
    share = _SHARES.get(table)
    there = ((intern(key), value) for key, value in values.items() if value is not None)
    return dict(there) if share is None else {key: share(value) for key, value in there}


def _topic(topic: TopicNode) -> TopicNode:
    key, slug, title, summary, hours, tags = topic
    return TopicNode(intern(key), intern(slug), title, summary, hours, _tags(*tags))


@lru_cache(maxsize=_TAGS)
def _tags(*tags: str) -> list[str]:
    """One list for all topics with these tags; nobody changes it."""
    return list(tags)


def _outline(outline: Outline) -> Outline:
    places = {
        section: tuple([place._replace(topic=intern(place.topic)) for place in held])
        for section, held in outline.places.items()
    }
    return outline._replace(places=places)


def _needs(needs: tuple[Need, ...]) -> tuple[Need, ...]:
    return tuple([need._replace(of=tuple(map(intern, need.of))) for need in needs])


_SHARES: Final[Mapping[str, Callable[[Any], Any]]] = MappingProxyType(
    {
        "topic": _topic,
        "outline": _outline,
        "requirements": _needs,
    }
)
