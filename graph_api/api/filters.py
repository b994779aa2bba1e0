"""How clients say which topics they want and in what order."""

from __future__ import annotations

from enum import Enum
from typing import Final, cast

import strawberry

from graph_api.errors import BadInput
from graph_api.store.page import Field, Order
from graph_api.store.reader import TopicFilter as StoreFilter

_MOST_TAGS: Final = 20


@strawberry.enum(description="Which way a list runs.")
class Direction(Enum):
    """Rising or falling."""

    ASC = strawberry.enum_value("ASC", description="From the smallest to the greatest.")
    DESC = strawberry.enum_value("DESC", description="From the greatest to the smallest.")


@strawberry.enum(description="What topics can be sorted by. Equal ones follow each other by slug.")
class TopicOrderField(Enum):
    """The sort keys of topics."""

    SLUG = strawberry.enum_value("SLUG", description="By slug.")
    TITLE = strawberry.enum_value("TITLE", description="By title, capitals or not.")
    HOURS = strawberry.enum_value("HOURS", description="By hours; unestimated ones count as the longest.")


@strawberry.enum(description="What roadmaps can be sorted by. Equal ones follow each other by slug.")
class RoadmapOrderField(Enum):
    """The sort keys of roadmaps."""

    SLUG = strawberry.enum_value("SLUG", description="By slug.")
    TITLE = strawberry.enum_value("TITLE", description="By title, capitals or not.")


@strawberry.input(description="The order of topics.")
class TopicOrder:
    """A field and a direction."""

    field: TopicOrderField = strawberry.field(description="What to sort by.", default=TopicOrderField.SLUG)
    direction: Direction = strawberry.field(description="Which way.", default=Direction.ASC)

    def order(self) -> Order:
        """The order as the store knows it."""
        return Order(cast("Field", self.field.name), self.direction is Direction.DESC)


@strawberry.input(description="The order of roadmaps.")
class RoadmapOrder:
    """A field and a direction."""

    field: RoadmapOrderField = strawberry.field(
        description="What to sort by.", default=RoadmapOrderField.SLUG
    )
    direction: Direction = strawberry.field(description="Which way.", default=Direction.ASC)

    def order(self) -> Order:
        """The order as the store knows it."""
        return Order(cast("Field", self.field.name), self.direction is Direction.DESC)


@strawberry.input(description="Which topics are wanted: all that is given must hold, in one place.")
class TopicFilter:
    """Conditions on topics and their places."""

    roadmap: str | None = strawberry.field(description="In the roadmap with this slug.", default=None)
    section: str | None = strawberry.field(description="In a section with this slug.", default=None)
    optional: bool | None = strawberry.field(description="Optional there, or required there.", default=None)
    tags: list[str] = strawberry.field(description="With every one of these tags.", default_factory=list)
    min_hours: float | None = strawberry.field(description="Estimated at no fewer hours.", default=None)
    max_hours: float | None = strawberry.field(description="Estimated at no more hours.", default=None)

    def wanted(self) -> StoreFilter:
        """The filter as the store knows it; raises BadInput for one that is not one."""
        if len(self.tags) > _MOST_TAGS:
            raise BadInput(f"A filter can name {_MOST_TAGS} tags, not {len(self.tags)}.")
        if None not in (low := self.min_hours, high := self.max_hours) and low > high:  # type: ignore[operator]  # neither is None
            raise BadInput("minHours is greater than maxHours.")
        return StoreFilter(
            roadmap=self.roadmap,
            section=self.section,
            optional=self.optional,
            tags=tuple(self.tags),
            min_hours=self.min_hours,
            max_hours=self.max_hours,
        )
