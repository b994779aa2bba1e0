"""Entities made anew of what a write has made of their topics: they are what would be read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeAlias

from graph_api.knowledge.model import Slug, Topic
from graph_api.store.nodes import Advice, Need, ResourceNode, TopicNode

Become: TypeAlias = Mapping[str, tuple[Topic, Collection[str]]]
"""By the id of a topic what it has become, and the tables that said something of it."""

Made: TypeAlias = "dict[str, dict[str, Any]]"
"""Entries by table and id."""


def nodes(become: Become) -> Made:
    """The topics themselves, as far as they were known."""
    return {"topic": {key: _node(key, topic) for key, (topic, held) in become.items() if "topic" in held}}


def connections(become: Become, named: Mapping[Slug, TopicNode | None]) -> Made:
    """What is said of them, as far as it was known; `named` leads to the topics of now.

    Where one that is named is not known there, nothing is made: it has to be read.
    """
    made: Made = {"resources": {}, "requirements": {}, "recommendations": {}}
    for key, (topic, held) in become.items():
        if "resources" in held:
            made["resources"][key] = [
                ResourceNode(each.url, each.title, each.kind) for each in topic.resources
            ]
        if "requirements" in held and _known(named, (slug for each in topic.requires for slug in each.of)):
            made["requirements"][key] = _needs(topic, named)
        if "recommendations" in held and _known(named, (each.topic for each in topic.recommends)):
            made["recommendations"][key] = _advices(topic, named)
    return made


def _node(key: str, topic: Topic) -> TopicNode:
    return TopicNode(key, topic.slug, topic.title, topic.summary, topic.hours, list(topic.tags))


def _known(named: Mapping[Slug, TopicNode | None], slugs: Iterable[Slug]) -> bool:
    return all(named.get(slug) is not None for slug in slugs)


def _needs(topic: Topic, named: Mapping[Slug, Any]) -> tuple[Need, ...]:
    return tuple(
        Need(each.need, tuple(named[slug].id for slug in sorted(each.of)), each.reason)
        for each in topic.requires
    )


def _advices(topic: Topic, named: Mapping[Slug, Any]) -> tuple[Advice, ...]:
    advised = sorted(topic.recommends, key=lambda each: each.topic)
    return tuple(Advice(named[each.topic].id, each.reason) for each in advised)
