"""The cheapest learning path: its steps, its proof, and when to learn what."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Annotated, TypeAlias

import strawberry

from graph_api.api.context import Info
from graph_api.api.cost import ListSize
from graph_api.api.soon import then
from graph_api.api.topic import Topic
from graph_api.api.topics import topics_by_slug
from graph_api.knowledge import schedule
from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.path import Choice
from graph_api.knowledge.path import LearningPath as Path
from graph_api.knowledge.schedule import Calendar, CriticalPath, Part

HoursPerWeek: TypeAlias = Annotated[
    float, strawberry.argument(description="Hours of learning a week: above 0, at most 168.")
]
Start: TypeAlias = Annotated[date, strawberry.argument(description="The first day.")]
WorkingDays: TypeAlias = Annotated[
    bool, strawberry.argument(description="Learn from Monday to Friday alone, not on all seven days.")
]


@strawberry.enum(description="What a path is to have the least of.")
class PathCost(Enum):
    """What is minimised."""

    HOURS = strawberry.enum_value("HOURS", description="Hours.")
    TOPICS = strawberry.enum_value("TOPICS", description="Topics.")
    HOURS_AVOIDING_OPTIONAL = strawberry.enum_value(
        "HOURS_AVOIDING_OPTIONAL", description="Hours, where those of optional topics count twice."
    )


@strawberry.type(description="Topics that can be learned side by side.")
class Stage:
    """One generation of a path."""

    slugs: strawberry.Private[Sequence[str]]

    @strawberry.field(description="The topics.")
    def topics(self, info: Info) -> list[Topic]:
        """One load."""
        return topics_by_slug(info.context.load, self.slugs)


@strawberry.type(description="A choice between alternatives, and what the next best would have cost.")
class PathChoice:
    """A choice that the path makes."""

    found: strawberry.Private[Choice]
    need: int = strawberry.field(description="How many of the alternatives are enough.")
    next_best: float | None = strawberry.field(
        description="The least cost of a path that leaves out one of those taken; null where there is none."
    )
    proven: bool = strawberry.field(description="Whether there was time to prove `nextBest`.")

    @strawberry.field(description="The step that asks for the choice.")
    def topic(self, info: Info) -> Topic:
        """One load."""
        return then(info.context.load.topic_by_slug.get(self.found.topic), Topic.there)

    @strawberry.field(description="The alternatives.")
    def of(self, info: Info) -> list[Topic]:
        """One load."""
        return topics_by_slug(info.context.load, self.found.of)

    @strawberry.field(description="Those that the path takes.")
    def taken(self, info: Info) -> list[Topic]:
        """One load."""
        return topics_by_slug(info.context.load, self.found.taken)

    @classmethod
    def made(cls, choice: Choice) -> PathChoice:
        """A choice as the engine made it."""
        return cls(found=choice, need=choice.need, next_best=choice.next_best, proven=choice.proven)


@strawberry.type(description="The part of a topic that falls in one week.")
class SchedulePart:
    """An entry of a schedule."""

    slug: strawberry.Private[str]
    week: int = strawberry.field(description="0 for the first seven days, and so on.")
    first: date = strawberry.field(description="Its first day.")
    last: date = strawberry.field(description="Its last day.")
    hours: float = strawberry.field(description="Hours of the topic in these days.")

    @strawberry.field(description="The topic.")
    def topic(self, info: Info) -> Topic:
        """One load."""
        return then(info.context.load.topic_by_slug.get(self.slug), Topic.there)

    @classmethod
    def of(cls, part: Part) -> SchedulePart:
        """A part as the calendar has it."""
        return cls(slug=part.topic, week=part.week, first=part.first, last=part.last, hours=float(part.hours))


@strawberry.type(description="A path in a calendar, one topic after another.")
class Schedule:
    """A calendar."""

    first: date = strawberry.field(description="The first day of learning.")
    last: date | None = strawberry.field(description="The last day; null when there is nothing to learn.")
    hours: float = strawberry.field(description="All hours together.")
    parts: list[SchedulePart] = strawberry.field(description="The parts of topics, week by week.")

    @classmethod
    def of(cls, calendar: Calendar) -> Schedule:
        """A calendar as the engine made it."""
        return cls(
            first=calendar.first,
            last=calendar.last,
            hours=float(calendar.hours),
            parts=[SchedulePart.of(part) for part in calendar.parts],
        )


@dataclass(eq=False)
class Planned:
    """A path with what it was computed on."""

    graph: PrerequisiteGraph
    known: Sequence[str]
    path: Path
    _choices: asyncio.Task[tuple[Choice, ...]] | None = None

    async def choices(self, info: Info) -> tuple[Choice, ...]:
        """Its choices, priced once, by however many names they are asked for."""
        if self._choices is None:
            self._choices = asyncio.create_task(info.context.compute(self.path.choices))
        return await asyncio.shield(self._choices)

    @cached_property
    def critical(self) -> CriticalPath:
        """The chain of steps that takes longest."""
        return schedule.critical_path(self.graph, self.path.steps, self.known)

    @property
    def amounts(self) -> list[tuple[str, float]]:
        """The steps with their hours."""
        hours = self.graph.hours[self.graph.numbers(self.path.steps)].tolist()
        return list(zip(self.path.steps, hours, strict=True))


@strawberry.type(description="What to learn to reach all goals, at the least cost over all alternatives.")
class LearningPath:
    """A cheapest path."""

    planned: strawberry.Private[Planned]
    total_hours: float = strawberry.field(description="Hours of all steps together.")
    cost: float = strawberry.field(description="What was minimised: hours, or topics, or weighted hours.")
    lower_bound: float = strawberry.field(description="Proven: no path to these goals costs less.")
    lower_bound_hours: float | None = strawberry.field(
        description="Proven: no path takes fewer hours. Null unless hours were minimised."
    )
    optimal: bool = strawberry.field(description="Whether the cost is the lower bound.")

    @strawberry.field(description="The choices that it makes.")
    async def choices(self, info: Info) -> list[PathChoice]:
        """One pure call, which prices them."""
        return [PathChoice.made(choice) for choice in await self.planned.choices(info)]

    @strawberry.field(
        description="Its topics, each learnable when those before it are known.",
        directives=[ListSize(assumed=30)],
    )
    def steps(self, info: Info) -> list[Topic]:
        """One load."""
        return topics_by_slug(info.context.load, self.planned.path.steps)

    @strawberry.field(
        description="Its topics in stages: those of one stage can be learned side by side.",
        directives=[ListSize(assumed=10)],
    )
    async def stages(self) -> list[Stage]:
        """One pure call."""
        found = schedule.stages(self.planned.graph, self.planned.path.steps, self.planned.known)
        return [Stage(slugs=slugs) for slugs in found]

    @strawberry.field(description="Hours it takes at least, however much is learned side by side.")
    async def critical_path_hours(self) -> float:
        """One pure call."""
        return self.planned.critical.hours

    @strawberry.field(description="The steps that take these hours, each waiting for the one before it.")
    def critical_path(self, info: Info) -> list[Topic]:
        """One pure call and one load."""
        return topics_by_slug(info.context.load, self.planned.critical.topics)

    @strawberry.field(description="Its steps in a calendar.")
    async def schedule(
        self, hours_per_week: HoursPerWeek, start: Start, working_days: WorkingDays = False
    ) -> Schedule:
        """One pure call."""
        return Schedule.of(
            schedule.calendar(
                self.planned.amounts, hours_per_week=hours_per_week, start=start, working_days=working_days
            )
        )

    @classmethod
    def of(cls, planned: Planned, *, in_hours: bool) -> LearningPath:
        """A path as the engine found it."""
        path = planned.path
        return cls(
            planned=planned,
            total_hours=path.total_hours,
            cost=path.total_cost,
            lower_bound=path.lower_bound,
            lower_bound_hours=path.lower_bound if in_hours else None,
            optimal=path.optimal,
        )
