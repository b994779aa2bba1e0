"""Resources: what a topic can be learned from."""

from __future__ import annotations

from enum import Enum

import strawberry

from graph_api.store.nodes import ResourceNode


@strawberry.enum(description="What a resource is.")
class ResourceKind(Enum):
    """The kinds of knowledge.model.ResourceKind."""

    DOCS = strawberry.enum_value("docs", description="Official documentation.")
    SPEC = strawberry.enum_value("spec", description="A standard or specification.")
    BOOK = strawberry.enum_value("book", description="A book.")
    COURSE = strawberry.enum_value("course", description="A course with exercises.")
    ARTICLE = strawberry.enum_value("article", description="An article or a blog post.")
    VIDEO = strawberry.enum_value("video", description="A talk or a lecture to watch.")
    TOOL = strawberry.enum_value("tool", description="Something to learn by using it.")


@strawberry.type(description="Something to learn a topic from.")
class Resource:
    """A resource as its topic names it."""

    url: str = strawberry.field(description="Where it is.")
    title: str = strawberry.field(description="What it is called.")
    kind: ResourceKind = strawberry.field(description="What it is.")

    @classmethod
    def of(cls, resource: ResourceNode) -> Resource:
        """The resource of a read."""
        return cls(url=resource.url, title=resource.title, kind=ResourceKind(resource.kind))
