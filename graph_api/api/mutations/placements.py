"""Writes of the places of topics in roadmaps."""

from __future__ import annotations

import strawberry

from graph_api.api.context import Info
from graph_api.api.cost import Cost
from graph_api.api.mutations.inputs import ContentInput, Given
from graph_api.api.mutations.roadmaps import RoadmapPayload, roadmap_written
from graph_api.knowledge.edit import Edit, MoveTopic, PlaceTopic, RemoveTopic

TOPIC = "The slug of the topic."
ROADMAP = "The slug of the roadmap."


@strawberry.input(description="A place for a topic in a roadmap that does not have it.")
class PlaceTopicInput(ContentInput):
    """Input of placeTopic."""

    topic: str = strawberry.field(description=TOPIC)
    roadmap: str = strawberry.field(description=ROADMAP)
    section: str = strawberry.field(description="The slug of the section.")
    position: int | None = strawberry.field(default=None, description="Place from 0; the last if left out.")
    optional: bool = strawberry.field(
        default=False, description="Whether the roadmap may be walked without it."
    )

    def edit(self) -> Edit:
        """The edit."""
        return PlaceTopic(self.topic, self.roadmap, self.section, self.position, self.optional)


@strawberry.input(description="Another place for a topic in its roadmap, or another word on being optional.")
class MoveTopicInput(ContentInput):
    """Input of moveTopic."""

    topic: str = strawberry.field(description=TOPIC)
    roadmap: str = strawberry.field(description=ROADMAP)
    section: str | None = strawberry.field(
        default=None, description="The slug of the section; its own if left out."
    )
    position: int | None = strawberry.field(
        default=None,
        description="Place from 0, among the others; left out: the same one, or the last of another section.",
    )
    optional: bool | None = strawberry.field(
        default=None, description="Whether the roadmap may be walked without it; as before if left out."
    )

    def edit(self) -> Edit:
        """The edit."""
        return MoveTopic(self.topic, self.roadmap, self.section, self.position, self.optional)


@strawberry.input(description="A topic that is to leave a roadmap; it stays in the graph.")
class RemoveTopicInput(ContentInput):
    """Input of removeTopic."""

    topic: str = strawberry.field(description=TOPIC)
    roadmap: str = strawberry.field(description=ROADMAP)

    def edit(self) -> Edit:
        """The edit."""
        return RemoveTopic(self.topic, self.roadmap)


@strawberry.type
class PlacementMutations:
    """The part of the mutation root that is about the places of topics."""

    @strawberry.mutation(description="Place a topic in a roadmap.", directives=[Cost(weight=50)])
    async def place_topic(self, info: Info, input: Given[PlaceTopicInput]) -> RoadmapPayload:
        """One edit."""
        return await roadmap_written(info, input, input.roadmap)

    @strawberry.mutation(description="Move a topic within a roadmap.", directives=[Cost(weight=50)])
    async def move_topic(self, info: Info, input: Given[MoveTopicInput]) -> RoadmapPayload:
        """One edit."""
        return await roadmap_written(info, input, input.roadmap)

    @strawberry.mutation(description="Take a topic out of a roadmap.", directives=[Cost(weight=50)])
    async def remove_topic(self, info: Info, input: Given[RemoveTopicInput]) -> RoadmapPayload:
        """One edit."""
        return await roadmap_written(info, input, input.roadmap)
