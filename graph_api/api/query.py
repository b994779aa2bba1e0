"""The root of all reads."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Final, TypeAlias

import strawberry

from graph_api.api.catalogue import Catalogue
from graph_api.api.connection import After, Before, First, Last
from graph_api.api.context import Info
from graph_api.api.cost import Cost, ListSize
from graph_api.api.difference import (
    FromRevision,
    KnownThroughout,
    RoadmapDiff,
    ToOptional,
    ToRevision,
    roadmap_diff,
)
from graph_api.api.filters import RoadmapOrder, TopicFilter, TopicOrder
from graph_api.api.knowledge import Asked, Goals, IncludeOptional, InRoadmap, Knowledge, Known, Skipped
from graph_api.api.learner import Learner
from graph_api.api.node import Node, parse_global_id
from graph_api.api.rate_limit import RateLimit
from graph_api.api.roadmap import Roadmap, RoadmapConnection, RoadmapEdge
from graph_api.api.search import (
    SearchKind,
    SearchResultConnection,
    SearchResultEdge,
    load_node,
    load_nodes,
    node_of,
)
from graph_api.api.soon import then
from graph_api.api.topic import Topic, TopicConnection, TopicEdge
from graph_api.errors import BadInput
from graph_api.store.moment import MARK, at
from graph_api.store.page import Page, Slice

_MOST_IDS: Final = 100
_LONGEST_TEXT: Final = 200

Slug: TypeAlias = Annotated[str, strawberry.argument(description="Its slug.")]
AtRevision: TypeAlias = Annotated[
    int | None,
    strawberry.argument(
        description="A revision of the content to read from the history; that of now if left out."
    ),
]


def _count(
    page: Page, part: Slice[Any], count: Callable[[], Awaitable[int]]
) -> Callable[[], int | Awaitable[int]]:
    """What counts the whole list of which this page gave a part."""
    return part.values.__len__ if page.holds_all(part) else count


@strawberry.type(description="Everything that can be read.")
class Query:
    """The query root."""

    @strawberry.field(description="The node with a global id; null when it is not there (any more).")
    def node(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="A global id.")],  # noqa: A002 - Relay's name
    ) -> Node | None:
        """One load."""
        found = load_node(info.context.load, *parse_global_id(id))
        return then(found, lambda found: None if found is None else node_of(found))

    @strawberry.field(
        description="The nodes with these global ids, in order; null where one is not there.",
        directives=[ListSize(by="ids")],
    )
    def nodes(
        self,
        info: Info,
        ids: Annotated[list[strawberry.ID], strawberry.argument(description="Up to 100 global ids.")],
    ) -> list[Node | None]:
        """One load a kind."""
        if len(ids) > _MOST_IDS:
            raise BadInput(f"nodes takes {_MOST_IDS} ids, not {len(ids)}.")
        found = load_nodes(info.context.load, [parse_global_id(each) for each in ids])
        return then(found, lambda found: [None if each is None else node_of(each) for each in found])

    @strawberry.field(
        description="The roadmap with this slug (of now, of then, or a former one), or null. All that is read"
        " from one of an old revision is of that revision, and so are the ids."
    )
    async def roadmap(self, info: Info, slug: Slug, revision: AtRevision = None) -> Roadmap | None:
        """One load."""
        moment = None if revision is None else await info.context.time.moment(revision)
        found = None if MARK in slug else await info.context.load.roadmap_by_slug.load(at(slug, moment))
        return None if found is None else Roadmap.of(found)

    @strawberry.field(
        description="What differs in a roadmap between two revisions of the content, and what that means to a"
        " learner. Null when neither of them has the roadmap.",
        directives=[Cost(weight=50)],
    )
    async def roadmap_diff(
        self,
        info: Info,
        slug: Slug,
        from_: FromRevision,
        to: ToRevision = None,
        known: KnownThroughout = (),  # type: ignore[assignment]  # GraphQL's default is an empty list
        include_optional: ToOptional = False,
    ) -> RoadmapDiff | None:
        """Two revisions of the archive and one pure call."""
        return await roadmap_diff(
            info.context, slug, from_, to, known=known, include_optional=include_optional
        )

    @strawberry.field(description="All roadmaps.")
    async def roadmaps(
        self,
        info: Info,
        order_by: Annotated[
            RoadmapOrder | None, strawberry.argument(description="By slug if left out.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> RoadmapConnection:
        """One read."""
        order = (order_by or RoadmapOrder()).order()
        page = Page.of(first=first, after=after, last=last, before=before, shape=order.shape)
        reader = info.context.reader
        part = await reader.roadmaps(page, order)
        return RoadmapConnection.of(part, RoadmapEdge, _count(page, part, reader.count_roadmaps))

    @strawberry.field(description="The topic with this slug, or null.")
    def topic(self, info: Info, slug: Slug) -> Topic | None:
        """One load."""
        found = None if MARK in slug else info.context.load.topic_by_slug.get(slug)
        return then(found, lambda found: None if found is None else Topic.of(found))

    @strawberry.field(description="Topics, in roadmaps or not.")
    async def topics(
        self,
        info: Info,
        filter: Annotated[  # noqa: A002 - the usual name
            TopicFilter | None, strawberry.argument(description="Which; all if left out.")
        ] = None,
        order_by: Annotated[
            TopicOrder | None, strawberry.argument(description="By slug if left out.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> TopicConnection:
        """One read."""
        order = (order_by or TopicOrder()).order()
        page = Page.of(first=first, after=after, last=last, before=before, shape=order.shape)
        wanted = (filter or TopicFilter()).wanted()
        reader = info.context.reader
        part = await reader.topics(page, order, wanted)
        count = _count(page, part, lambda: reader.count_topics(wanted))
        return TopicConnection.of(part, TopicEdge, count)

    @strawberry.field(
        description="Full-text search: whole words, beginnings, and words with a letter wrong, or two where"
        " nothing fits otherwise.",
        directives=[Cost(weight=20)],
    )
    async def search(
        self,
        info: Info,
        text: Annotated[str, strawberry.argument(description="Up to 200 characters of plain text.")],
        kinds: Annotated[
            list[SearchKind] | None, strawberry.argument(description="What to search for; all if left out.")
        ] = None,
        first: First = None,
        after: After = None,
        last: Last = None,
        before: Before = None,
    ) -> SearchResultConnection:
        """One read and one load a kind."""
        if len(text) > _LONGEST_TEXT:
            raise BadInput(f"A search takes {_LONGEST_TEXT} characters, not {len(text)}.")
        page = Page.of(first=first, after=after, last=last, before=before, shape=(float, str))
        wanted = [kind.node_kind for kind in (SearchKind if kinds is None else kinds)]
        reader = info.context.reader
        part = await reader.search(text, wanted, page)
        loaded = await SearchResultEdge.load_nodes(part, info.context.load)
        count = _count(page, part, lambda: reader.count_search(text, wanted))
        return SearchResultConnection.of(loaded, SearchResultEdge, count)

    @strawberry.field(
        description="What follows from what someone knows, also with regard to goals.",
        directives=[Cost(weight=10)],
    )
    def knowledge(
        self,
        info: Info,
        known: Known = (),  # type: ignore[assignment]  # GraphQL's default is an empty list
        goals: Goals = (),  # type: ignore[assignment]  # GraphQL's default is an empty list
        skipped: Skipped = (),  # type: ignore[assignment]  # GraphQL's default is an empty list
        roadmap: InRoadmap = None,
        include_optional: IncludeOptional = False,
    ) -> Knowledge:
        """One look into the structure."""
        return then(
            info.context.structure_soon(),
            lambda structure: Knowledge.of(
                Asked.by_slugs(
                    structure,
                    known=known,
                    skipped=skipped,
                    goals=goals,
                    roadmap=roadmap,
                    include_optional=include_optional,
                )
            ),
        )

    @strawberry.field(description="The catalogue as a whole.", directives=[Cost(weight=5)])
    async def catalogue(self, info: Info) -> Catalogue:
        """One read."""
        return Catalogue.of(await info.context.reader.counts())

    @strawberry.field(description="Whoever asks, as a learner; null without a token. Needs the role learner.")
    async def viewer(self, info: Info) -> Learner | None:
        """One read a request."""
        if info.context.viewer is None:
            return None
        return Learner.of(await info.context.learner())

    @strawberry.field(
        description="How much the caller may still ask for; null where the server sets no limit."
    )
    def rate_limit(self, info: Info) -> RateLimit | None:
        """What was taken before the execution."""
        info.context.personal = True
        spending = info.context.spending
        return None if spending is None else RateLimit.of(spending)
