"""Two topics that are one: everything that names the one names the other."""

from __future__ import annotations

from dataclasses import dataclass, replace

from graph_api.errors import BadInput
from graph_api.knowledge.change.naming import roadmap_under_names, topic_under_names
from graph_api.knowledge.edit.renaming import renamed
from graph_api.knowledge.edit.scope import Scope, topic
from graph_api.knowledge.edit.topics import displaced
from graph_api.knowledge.model import (
    MAX_RECOMMENDED,
    MAX_RESOURCES,
    MAX_TAGS,
    Catalogue,
    Requirement,
    Roadmap,
    Slug,
    Topic,
)
from graph_api.knowledge.requirement import combine


@dataclass(frozen=True, slots=True)
class MergeTopics:
    """The topic `slug` becomes one with `into`, which keeps its own words where it has some.

    It has the requirements, recommendations, tags and resources of both. Whoever required either
    requires it, and who knows either knows it. In a roadmap that places both it keeps its own place.
    """

    slug: Slug
    into: Slug

    def __str__(self) -> str:
        return f"Merged the topic {self.slug} into {self.into}."

    @property
    def scope(self) -> Scope:
        """Both topics, and all that refers to either."""
        both = frozenset({self.slug, self.into})
        return Scope(topics=both, referring=both)

    def apply(self, before: Catalogue) -> Catalogue:
        """One topic is left, and the slug of the other is an alias of it."""
        gone, kept = topic(before, self.slug, "slug"), topic(before, self.into, "into")
        if gone.slug == kept.slug:
            raise BadInput(f'"{self.slug}" and "{self.into}" are one topic already.').at("into")

        def naming(slug: Slug) -> Slug:
            return kept.slug if slug == gone.slug else slug

        others = (each for each in before.topics.values() if each is not gone and each is not kept)
        topics = {each.slug: topic_under_names(each, naming) for each in others}
        roadmaps = {slug: _placing_one(each, gone.slug, kept.slug) for slug, each in before.roadmaps.items()}
        aliases = renamed(before.aliases.topics, gone.slug, kept.slug)
        return Catalogue(
            {**topics, kept.slug: _merged(gone, kept)}, roadmaps, replace(before.aliases, topics=aliases)
        )


def _merged(gone: Topic, kept: Topic) -> Topic:
    """The one topic. Raises BadInput when it would have more than a topic may have."""
    both = (kept.slug, gone.slug)
    recommended = {
        each.topic: each for each in (*gone.recommends, *kept.recommends) if each.topic not in both
    }
    resources = {each.url: each for each in (*gone.resources, *kept.resources)}
    merged = replace(
        kept,
        summary=kept.summary or gone.summary,
        hours=gone.hours if kept.hours is None else kept.hours,
        tags=tuple(dict.fromkeys((*kept.tags, *gone.tags))),
        resources=tuple(
            resources[url] for url in dict.fromkeys(r.url for r in (*kept.resources, *gone.resources))
        ),
        requires=combine(_own(each, both) for each in (*kept.requires, *gone.requires) if _open(each, both)),
        recommends=tuple(recommended[slug] for slug in sorted(recommended)),
    )
    for name, most in (("tags", MAX_TAGS), ("resources", MAX_RESOURCES), ("recommends", MAX_RECOMMENDED)):
        if (count := len(getattr(merged, name))) > most:
            raise BadInput(f"The one topic would have {count} of {name}; it can have {most}.").at("slug")
    return merged


def _open(group: Requirement, both: tuple[Slug, Slug]) -> bool:
    """Whether a group of either topic asks for more than the two themselves, which are now one."""
    return group.need > len({*both} & {*group.of})


def _own(group: Requirement, both: tuple[Slug, Slug]) -> Requirement:
    """A group of the merged topic, which no longer waits for itself."""
    of = tuple(slug for slug in group.of if slug not in both)
    return replace(group, of=of, need=group.need - (len(group.of) - len(of)))


def _placing_one(each: Roadmap, gone: Slug, kept: Slug) -> Roadmap:
    if any(slug == kept for slug, _ in each.placed()):
        return displaced(each, gone)
    return roadmap_under_names(each, lambda slug: kept if slug == gone else slug)
