"""A roadmap and its topics -> a `roadmap/1` file that stands alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import orjson

from graph_api.formats.roadmap1.schema import FORMAT
from graph_api.formats.roadmap1.yaml_text import Data, yaml_text
from graph_api.knowledge import model
from graph_api.knowledge.change import rests

_DEFAULT_LANGUAGE: Final = "en"
_DEFAULT_KIND: Final = "article"


def dump(roadmap: model.Roadmap, topics: Mapping[model.Slug, model.Topic]) -> bytes:
    """The roadmap as YAML, with every topic that it places or rests on, requirements and recommendations.

    `topics` may hold more than that; those it lacks are written as mere references. The same values
    give the same bytes, and `parse` gives the same values back, if they keep the limits of a file.
    """
    return yaml_text(_roadmap(roadmap, topics)).encode()


def dump_json(roadmap: model.Roadmap, topics: Mapping[model.Slug, model.Topic]) -> bytes:
    """The same as JSON."""
    return orjson.dumps(_roadmap(roadmap, topics), option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _roadmap(roadmap: model.Roadmap, topics: Mapping[model.Slug, model.Topic]) -> dict[str, Data]:
    placed = {slug for slug, _ in roadmap.placed()}
    outside = sorted(rests(topics, placed) - placed)
    data: dict[str, Data] = {"format": FORMAT, "slug": roadmap.slug, "title": roadmap.title}
    if roadmap.summary:
        data["summary"] = roadmap.summary
    if roadmap.language != _DEFAULT_LANGUAGE:
        data["language"] = roadmap.language
    data["sections"] = [_section(section, topics) for section in roadmap.sections]
    if outside:
        data["topics"] = [_topic(topics[slug]) for slug in outside]
    return data


def _section(section: model.Section, topics: Mapping[model.Slug, model.Topic]) -> dict[str, Data]:
    data: dict[str, Data] = {"slug": section.slug, "title": section.title}
    if section.summary:
        data["summary"] = section.summary
    if section.optional:
        data["optional"] = True
    if section.placements:
        data["topics"] = [_placement(placement, topics) for placement in section.placements]
    return data


def _placement(placement: model.Placement, topics: Mapping[model.Slug, model.Topic]) -> Data:
    if placement.topic in topics:
        return _topic(topics[placement.topic], optional=placement.optional)
    return {"slug": placement.topic, "optional": True} if placement.optional else placement.topic


def _topic(topic: model.Topic, *, optional: bool = False) -> dict[str, Data]:
    data: dict[str, Data] = {"slug": topic.slug, "title": topic.title}
    if topic.summary:
        data["summary"] = topic.summary
    if optional:
        data["optional"] = True
    if topic.hours is not None:
        data["hours"] = int(topic.hours) if topic.hours.is_integer() else topic.hours
    lists: dict[str, Iterable[Data]] = {
        "tags": topic.tags,
        "resources": map(_resource, topic.resources),
        "requires": map(_requirement, topic.requires),
        "recommends": (_reasoned(item.topic, item.reason) for item in topic.recommends),
    }
    return data | {key: listed for key, items in lists.items() if (listed := list(items))}


def _resource(resource: model.Resource) -> dict[str, Data]:
    data: dict[str, Data] = {"title": resource.title, "url": resource.url}
    return data if resource.kind == _DEFAULT_KIND else data | {"kind": resource.kind}


def _requirement(requirement: model.Requirement) -> Data:
    if requirement.plain:
        return _reasoned(requirement.of[0], requirement.reason)
    of = list(requirement.of)
    group: dict[str, Data] = {"any": of}
    if requirement.need > 1:
        group = {"at_least": requirement.need, "of": of}
    return group | {"reason": requirement.reason} if requirement.reason else group


def _reasoned(topic: model.Slug, reason: str) -> Data:
    return {"topic": topic, "reason": reason} if reason else topic
