"""The catalogue as a whole."""

from __future__ import annotations

import strawberry

from graph_api.store.nodes import Counts


@strawberry.type(description="Everything there is to learn, as a whole.")
class Catalogue:
    """How much there is, and since when."""

    revision: int = strawberry.field(description="Grows by one with every change of the content.")
    roadmaps: int = strawberry.field(description="How many roadmaps there are.")
    sections: int = strawberry.field(description="How many sections they have.")
    topics: int = strawberry.field(description="How many topics there are, in roadmaps or not.")
    requirements: int = strawberry.field(description="How many edges lead from a topic to what it requires.")
    resources: int = strawberry.field(description="How many resources topics are learned from.")

    @classmethod
    def of(cls, counts: Counts) -> Catalogue:
        """The catalogue of a read."""
        return cls(
            revision=counts.revision,
            roadmaps=counts.roadmaps,
            sections=counts.sections,
            topics=counts.topics,
            requirements=counts.requirements,
            resources=counts.resources,
        )
