"""Topics and what they rest on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import strawberry

from graph_api.api.connection import After, Before, Connection, Edge, First, Last
from graph_api.api.context import Info
from graph_api.api.cost import ListSize
from graph_api.api.follows import follows
from graph_api.api.node import Node, there
from graph_api.api.resource import Resource
from graph_api.api.soon import then
from graph_api.api.together import alone, together
from graph_api.loaders import Loader, Loaders
from graph_api.store.moment import at as key_at
from graph_api.store.moment import revision_of
from graph_api.store.nodes import RecommendationNode, RequirementNode, TopicNode
from graph_api.store.page import Entry, Page
from graph_api.store.structure import Structure

if TYPE_CHECKING:
    from graph_api.api.roadmap import Placement

Transitive: TypeAlias = Annotated[
    bool, strawberry.argument(description="All of them, near or far, and not only the direct ones.")
]


def _requirements(topics: Sequence[Topic], info: Info) -> list[list[Requirement]]:
    """One load."""
    return then(
        info.context.load.requirements_by_topic.get_many([topic.key for topic in topics]),
        lambda every: [[*map(Requirement.of_node, found)] for found in every],
    )


def _prerequisites(
    topics: Sequence[Topic], info: Info, *, transitive: bool = False, **bounds: Any
) -> list[TopicConnection]:
    """As `_related`. A write that changes what a topic requires touches it, but nothing that rests on it."""
    own = None if transitive else [topic.key for topic in topics]
    follow = partial(Structure.prerequisites, transitive=transitive)
    return _related(topics, info, follow, Page.of(**bounds), of=own)


def _dependents(
    topics: Sequence[Topic], info: Info, *, transitive: bool = False, **bounds: Any
) -> list[TopicConnection]:
    """As `_related`."""
    return _related(topics, info, partial(Structure.dependents, transitive=transitive), Page.of(**bounds))


def _related(
    topics: Sequence[Topic],
    info: Info,
    follow: Callable[[Structure, str], Sequence[str]],
    page: Page,
    *,
    of: Sequence[str] | None = None,
) -> list[TopicConnection]:
    """One pure call a topic, and one load; `of` are the only nodes that the structure is asked about."""
    at, context = _revision(topics), info.context
    return then(
        context.structure_soon(at=at, of=of),
        lambda found: TopicConnection.of_each(
            [follow(found, topic.slug) for topic in topics], page, context.load.neighbour_by_slug, at=at
        ),
    )


def _revision(topics: Sequence[Topic]) -> int | None:
    """The revision that these topics are of. Raises ValueError for several: each is asked by itself then."""
    [at] = {revision_of(topic.key) for topic in topics}
    return at


@strawberry.type(description="Something to learn. A topic is shared: it may stand in many roadmaps.")
class Topic(Node):
    """A topic of the graph."""

    slug: str = strawberry.field(description="Names it for people and files; unique among topics.")
    title: str = strawberry.field(description="What it is called.")
    summary: str = strawberry.field(description="What it is about; may be empty.")
    hours: float | None = strawberry.field(
        description="Hours to learn it, knowing what it requires; null where nobody has estimated them."
    )
    tags: list[str] = strawberry.field(description="Keywords for filters.")

    @property
    def part_name(self) -> str:
        """The id: it says all that the topic is at one revision, so what is selected of it can be kept."""
        return self.key

    @strawberry.field(
        description="What it can be learned from, the best first.",
        directives=[ListSize(assumed=3)],
        metadata=follows("resources"),
    )
    def resources(self, info: Info) -> list[Resource]:
        """One load."""
        return then(
            info.context.load.resources_by_topic.get(self.key), lambda found: list(map(Resource.of, found))
        )

    @strawberry.field(
        description="Every place where it stands, by the roadmap's slug.",
        directives=[ListSize(assumed=3)],
        metadata=follows("placements"),
    )
    def placements(self, info: Info) -> list[Annotated[Placement, strawberry.lazy("graph_api.api.roadmap")]]:
        """One load."""
        from graph_api.api.roadmap import Placement  # a roadmap holds topics, so that file imports this one

        return then(
            info.context.load.placements_by_topic.get(self.key), lambda found: list(map(Placement.of, found))
        )

    @strawberry.field(
        description="What it requires. Every one of these must be met.",
        directives=[ListSize(assumed=2)],
        metadata={**follows("requirements"), **together(_requirements)},
    )
    def requirements(self, info: Info) -> list[Requirement]:
        """One load."""
        return alone(_requirements((self,), info))

    @strawberry.field(description="Whether it can be reached by learning ready topics one after another.")
    def learnable(self, info: Info) -> bool:
        """One look into the structure."""
        structure = info.context.structure_soon(at=revision_of(self.key))
        return then(structure, lambda found: found.is_learnable(self.slug))

    @strawberry.field(
        description="The topics that its requirements name, alternatives included, by slug.",
        metadata={**follows("prerequisites"), **together(_prerequisites)},
    )
    def prerequisites(
        self,
        info: Info,
        transitive: Transitive = False,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> TopicConnection:
        """One pure call and one load."""
        bounds = {"first": first, "after": after, "last": last, "before": before}
        return alone(_prerequisites((self,), info, transitive=transitive, **bounds))

    @strawberry.field(
        description="The topics whose requirements name it, by slug.",
        metadata={**follows("dependents"), **together(_dependents)},
    )
    def dependents(
        self,
        info: Info,
        transitive: Transitive = False,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> TopicConnection:
        """One pure call and one load."""
        bounds = {"first": first, "after": after, "last": last, "before": before}
        return alone(_dependents((self,), info, transitive=transitive, **bounds))

    @strawberry.field(
        description="What is better learned before: it orders, it never blocks. By slug.",
        metadata=follows("recommendations"),
    )
    def recommendations(
        self,
        info: Info,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> RecommendationConnection:
        """One load."""
        page = Page.of(first=first, after=after, last=last, before=before)
        return then(
            info.context.load.recommendations_by_topic.get(self.key),
            lambda found: RecommendationConnection.of_all(found, page),
        )

    @classmethod
    def there(cls, found: TopicNode | None) -> Topic:
        """The topic that an edge led to. Raises NotFound when it was deleted since."""
        return cls.of(there(found))

    @classmethod
    def of(cls, topic: TopicNode) -> Topic:
        """The topic of a read."""
        # Hundreds are made for an answer, each in a third of the time that an __init__ with keywords takes.
        made = cls.__new__(cls)
        made.key, made.slug, made.title, made.summary, made.hours, made.tags = topic
        return made


@strawberry.type(description="One requirement: at least `need` of the topics `of` must be known.")
class Requirement:
    """A group of the normal form; a plain prerequisite is a group of one."""

    need: int = strawberry.field(description="How many of them are enough.")
    of: list[Topic] = strawberry.field(
        description="The topics that count, by slug.",
        directives=[ListSize(assumed=2)],
        metadata=follows("prerequisites"),
    )
    reason: str = strawberry.field(description="Why, in one sentence; may be empty.")

    @classmethod
    def of_node(cls, requirement: RequirementNode) -> Requirement:
        """The requirement of a read."""
        made = cls.__new__(cls)  # as a topic
        made.need, of, made.reason = requirement
        made.of = list(map(Topic.of, of))
        return made


@strawberry.type(description="A topic in a list.")
class TopicEdge(Edge[Topic]):
    """An edge without more to say."""

    node_of = Topic.of


@strawberry.type(description="A page of topics.")
class TopicConnection(Connection[Topic, TopicEdge]):
    """Topics without more to say."""

    @classmethod
    def of_slugs(cls, slugs: Sequence[str], page: Page, load: Loaders) -> TopicConnection:
        """The page of a sorted list of slugs; only its topics are loaded."""
        return alone(cls.of_each((slugs,), page, load.topic_by_slug))

    @classmethod
    def of_each(
        cls,
        every: Sequence[Sequence[str]],
        page: Page,
        loader: Loader[str, TopicNode | None],
        *,
        at: int | None = None,
    ) -> list[TopicConnection]:
        """The same page of each of several sorted lists of slugs, of now or of a revision. One load."""
        parts = [page.of_sorted(slugs, _own_place) for slugs in every]
        slugs = [*chain.from_iterable([part.values for part in parts])]

        def made(found: Sequence[TopicNode | None]) -> list[TopicConnection]:
            ahead = iter(found)
            there = [part.holding([*islice(ahead, len(part.values))]) for part in parts]
            return [cls.of(part, TopicEdge, all_.__len__) for part, all_ in zip(there, every, strict=True)]

        keys = slugs if at is None else [key_at(slug, at) for slug in slugs]
        return then(loader.get_many(keys), made)


def _own_place(slug: str) -> tuple[str]:
    return (slug,)


@strawberry.type(description="A topic that is recommended before another.")
class RecommendationEdge(Edge[Topic]):
    """An edge with its reason."""

    reason: str = strawberry.field(description="Why, in one sentence; may be empty.")

    @classmethod
    def of(cls, entry: Entry[RecommendationNode]) -> RecommendationEdge:
        """The edge of an entry."""
        return cls(entry=entry, node=cls.node_of(entry.value), reason=entry.value.reason)

    @classmethod
    def node_of(cls, value: RecommendationNode) -> Topic:
        """The topic of a read."""
        return Topic.of(value.topic)


@strawberry.type(description="A page of recommended topics.")
class RecommendationConnection(Connection[Topic, RecommendationEdge]):
    """Recommended topics."""

    @classmethod
    def of_all(cls, found: Sequence[RecommendationNode], page: Page) -> RecommendationConnection:
        """A page of them, by slug."""
        part = page.of_sorted(found, lambda recommendation: (recommendation.topic.slug,))
        return cls.of(part, RecommendationEdge, lambda: len(found))
