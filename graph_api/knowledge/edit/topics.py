"""Topics created, changed and deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from graph_api.errors import BadInput, StillRequired, UnknownSlugs
from graph_api.knowledge.change.naming import topic_under_names
from graph_api.knowledge.edit.scope import Scope, refuse_taken, topic, with_topics
from graph_api.knowledge.model import Catalogue, Recommendation, Requirement, Roadmap, Slug, Topic
from graph_api.knowledge.requirement import combine


def _named(requires: Iterable[Requirement], recommends: Iterable[Recommendation]) -> frozenset[Slug]:
    return frozenset(
        chain((slug for each in requires for slug in each.of), (each.topic for each in recommends))
    )


def _resting(before: Catalogue, topic: Topic) -> Topic:
    """The topic with what it rests on by the slugs of now.

    Raises UnknownSlugs, naming all that name no topic, and BadInput when it rests on itself.
    """
    for name in ("requires", "recommends"):
        slugs = _named(topic.requires, ()) if name == "requires" else _named((), topic.recommends)
        now = {slug: before.aliases.topics.get(slug, slug) for slug in sorted(slugs)}
        if unknown := [slug for slug, current in now.items() if current not in before.topics]:
            raise UnknownSlugs("topic", dict.fromkeys(unknown, ())).at(name)
        if topic.slug in now.values():
            raise BadInput(f'The topic "{topic.slug}" cannot rest on itself.').at(name)
    return topic_under_names(topic, lambda slug: before.aliases.topics.get(slug, slug))


@dataclass(frozen=True, slots=True)
class CreateTopic:
    """A new topic, in no roadmap yet."""

    topic: Topic

    def __str__(self) -> str:
        return f"Created the topic {self.topic.slug}."

    @property
    def scope(self) -> Scope:
        """The topic of its slug, and what it rests on."""
        return Scope(topics=_named(self.topic.requires, self.topic.recommends) | {self.topic.slug})

    def apply(self, before: Catalogue) -> Catalogue:
        """The topic is there."""
        refuse_taken("topic", self.topic.slug, before.topics, before.aliases.topics)
        return with_topics(before, _resting(before, self.topic))


@dataclass(frozen=True, slots=True)
class ChangeTopic:
    """Other values for some attributes of a topic: any of those of `Topic` but the slug."""

    slug: Slug
    changes: Mapping[str, object]

    def __str__(self) -> str:
        return f"Changed {', '.join(self.changes)} of the topic {self.slug}."

    @property
    def scope(self) -> Scope:
        """The topic, and what it is to rest on."""
        named = _named(self.changes.get("requires", ()), self.changes.get("recommends", ()))  # type: ignore[arg-type]  # attributes of a Topic
        return Scope(topics=named | {self.slug})

    def apply(self, before: Catalogue) -> Catalogue:
        """The topic has the new values."""
        found = topic(before, self.slug, "slug")
        bare = replace(found, requires=(), recommends=())  # what stays is outside of the scope
        given = _resting(before, replace(bare, **self.changes))  # type: ignore[arg-type]  # attributes of a Topic
        return with_topics(before, replace(found, **{name: getattr(given, name) for name in self.changes}))


@dataclass(frozen=True, slots=True)
class DeleteTopic:
    """A topic goes, out of every roadmap too; `detach` also takes it out of what requires it."""

    slug: Slug
    detach: bool = False

    def __str__(self) -> str:
        return f"Deleted the topic {self.slug}."

    @property
    def scope(self) -> Scope:
        """The topic and all that refers to it."""
        return Scope(topics=frozenset({self.slug}), referring=frozenset({self.slug}))

    def apply(self, before: Catalogue) -> Catalogue:
        """The topic is gone. Raises StillRequired without `detach`."""
        slug = topic(before, self.slug, "slug").slug
        requiring = sorted(
            each.slug for each in before.topics.values() if any(slug in group.of for group in each.requires)
        )
        if requiring and not self.detach:
            raise StillRequired(slug, requiring).at("slug")
        kept = {each.slug: detached(each, slug) for each in before.topics.values() if each.slug != slug}
        aliases = {old: new for old, new in before.aliases.topics.items() if new != slug}
        return Catalogue(
            topics=kept,
            roadmaps={name: displaced(each, slug) for name, each in before.roadmaps.items()},
            aliases=replace(before.aliases, topics=aliases),
        )


def detached(each: Topic, slug: Slug) -> Topic:
    """A topic that no longer names `slug`: of a group of n that needs more than n - 1, n - 1 are left."""
    if all(slug not in group.of for group in each.requires) and all(r.topic != slug for r in each.recommends):
        return each
    left = ((group, tuple(member for member in group.of if member != slug)) for group in each.requires)
    requires = combine(Requirement(of, min(group.need, len(of)), group.reason) for group, of in left if of)
    return replace(each, requires=requires, recommends=tuple(r for r in each.recommends if r.topic != slug))


def displaced(roadmap: Roadmap, slug: Slug) -> Roadmap:
    """A roadmap that no longer places `slug`."""
    if all(topic != slug for topic, _ in roadmap.placed()):
        return roadmap
    sections = tuple(
        replace(section, placements=tuple(at for at in section.placements if at.topic != slug))
        for section in roadmap.sections
    )
    return replace(roadmap, sections=sections)
