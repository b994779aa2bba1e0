"""Answers of the knowledge engine on a screen: tables, JSON and pictures."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import orjson
from rich.console import Console
from rich.table import Table

from graph_api.app import connect
from graph_api.cli.database import running
from graph_api.errors import BadInput, UnknownSlugs
from graph_api.formats.dot import dot
from graph_api.formats.mermaid import mermaid
from graph_api.knowledge import path as engine
from graph_api.knowledge import schedule
from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.model import Catalogue, Roadmap
from graph_api.knowledge.names import suggestions
from graph_api.knowledge.state import KnowledgeState
from graph_api.settings import Settings
from graph_api.store.migrations import migrate
from graph_api.store.writer import read_catalogue

_COSTS: Final[Mapping[str, engine.Cost]] = {
    "hours": engine.HOURS,
    "topics": engine.TOPICS,
    "required": engine.hours_avoiding_optional(2),
}


@dataclass(frozen=True, eq=False)
class Asked:
    """What a learner asks, resolved in one catalogue."""

    catalogue: Catalogue
    state: KnowledgeState
    known: tuple[str, ...]
    goals: tuple[str, ...]
    roadmap: Roadmap | None
    include_optional: bool

    @classmethod
    def read(cls, *, known: str, goals: Sequence[str], roadmap: str | None, include_optional: bool) -> Asked:
        """Ask the catalogue of the database; `known` are slugs with commas between them."""
        with running(Settings.read()) as settings:
            catalogue = asyncio.run(_read(settings))
        return cls.of(catalogue, known=known, goals=goals, roadmap=roadmap, include_optional=include_optional)

    @classmethod
    def of(
        cls,
        catalogue: Catalogue,
        *,
        known: str,
        goals: Sequence[str],
        roadmap: str | None,
        include_optional: bool,
    ) -> Asked:
        """Raises UnknownSlugs, naming all unknown topics at once, or the unknown roadmap."""
        graph = PrerequisiteGraph.build(catalogue.topics.values())
        have = tuple(slug.strip() for slug in known.split(",") if slug.strip())
        graph.numbers([*have, *goals])
        if roadmap is not None and roadmap not in catalogue.roadmaps:
            raise UnknownSlugs("roadmap", suggestions([roadmap], sorted(catalogue.roadmaps)))
        outline = None if roadmap is None else catalogue.roadmaps[roadmap]
        state = KnowledgeState.of(graph, have)
        return cls(catalogue, state, have, tuple(goals), outline, include_optional)

    def title(self, slug: str) -> str:
        """A topic's title."""
        return self.catalogue.topics[slug].title

    @property
    def optional(self) -> list[str]:
        """The optional topics of the roadmap."""
        return [] if self.roadmap is None else [slug for slug, skip in self.roadmap.placed() if skip]

    @property
    def targets(self) -> list[str]:
        """The goals, or the roadmap's topics where none are given."""
        if self.goals or self.roadmap is None:
            return list(self.goals)
        return [slug for slug, skip in self.roadmap.placed() if self.include_optional or not skip]

    def path(self, minimise: str, deadline: float) -> engine.LearningPath:
        """The cheapest path to the targets."""
        return engine.cheapest_path(
            self.state.graph,
            goals=self.targets,
            known=self.known,
            cost=_COSTS[minimise],
            optional=self.optional,
            deadline_seconds=deadline,
        )

    def calendar(
        self, steps: Sequence[str], hours_per_week: float, start: date | None, *, working_days: bool
    ) -> schedule.Calendar:
        """The steps in a calendar that begins at `start`, or today."""
        return schedule.calendar(
            [(slug, self.hours(slug)) for slug in steps],
            hours_per_week=hours_per_week,
            start=start or datetime.now(UTC).date(),
            working_days=working_days,
        )

    def hours(self, slug: str) -> float:
        """The hours that a topic counts with."""
        return float(self.state.graph.hours[self.state.graph.number[slug]])


def print_next(asked: Asked, *, first: int, json: bool) -> None:
    """Print the first topics of the ranking with their reasons."""
    ranked = asked.state.next(
        goals=asked.goals, roadmap=asked.roadmap, include_optional=asked.include_optional, first=first
    )
    if json:
        _print_json([asdict(each) | {"sentence": each.sentence(asked.title)} for each in ranked])
        return
    table = Table("Topic", "Hours", "Why", title="What to learn next")
    for each in ranked:
        table.add_row(asked.title(each.topic), f"{each.hours:g}", each.sentence(asked.title))
    _print(table if ranked else "Nothing is ready for these goals.")


def print_path(
    asked: Asked, found: engine.LearningPath, plan: schedule.Calendar | None, *, json: bool
) -> None:
    """Print a path with its proof, its choices and its calendar."""
    if json:
        said = {each.name: getattr(found, each.name) for each in fields(found) if each.compare}
        choices = [asdict(choice) for choice in found.choices()]
        _print_json({**said, "choices": choices, "schedule": plan and asdict(plan)})
        return
    days = _days(plan)
    table = Table("", "Topic", "Hours", *(["From", "To"] if plan else []), title="The cheapest path")
    for number, slug in enumerate(found.steps, start=1):
        row = (str(number), asked.title(slug), f"{asked.hours(slug):g}")
        table.add_row(*row, *map(str, days.get(slug, ())))
    _print(table if found.steps else "There is nothing to learn: all goals are known.")
    proof = "proven least" if found.optimal else f"proven to be at least {found.lower_bound:g}"
    _print(f"{found.total_hours:g} hours; cost {found.total_cost:g}, {proof}.")
    for choice in found.choices():
        taken, of = (", ".join(map(asked.title, slugs)) for slugs in (choice.taken, choice.of))
        other = "" if choice.next_best is None else f"; without it {choice.next_best:g}"
        _print(f"For {asked.title(choice.topic)} it takes {taken} of {of}{other}.")


def show(asked: Asked, steps: Sequence[str], *, as_mermaid: bool, svg: Path | None) -> None:
    """Draw what the targets rest on, or everything when there are none, states coloured.

    Raises BadInput when an SVG is wanted and Graphviz is not installed.
    """
    graph = asked.state.graph
    wanted = graph.mask(asked.targets)
    shown = graph.members_in(wanted | graph.all_prerequisites(wanted)) if asked.targets else graph.slugs
    text = (mermaid if as_mermaid else dot)(
        [asked.catalogue.topics[slug] for slug in shown],
        states={slug: standing.value for slug, standing in asked.state.standings(shown).items()},
        on_path=steps,
        optional=asked.optional,
    )
    if svg is None:
        print(text, end="")  # noqa: T201 - the answer itself
        return
    program = shutil.which("dot")
    if program is None or as_mermaid:
        raise BadInput("An SVG is drawn by Graphviz, whose program dot is not here; use --dot or --mermaid.")
    drawn = subprocess.run([program, "-Tsvg", f"-o{svg}"], input=text.encode(), check=False)  # noqa: S603 - no shell
    if drawn.returncode:
        raise BadInput(f"Graphviz could not draw {svg}.")


async def _read(settings: Settings) -> Catalogue:
    async with connect(settings) as database:
        await migrate(database)
        return await read_catalogue(database)


def _days(plan: schedule.Calendar | None) -> dict[str, tuple[date, date]]:
    """The first and the last day of each topic."""
    days: dict[str, tuple[date, date]] = {}
    for part in plan.parts if plan else ():
        first, _ = days.get(part.topic, (part.first, part.last))
        days[part.topic] = (first, part.last)
    return days


def _print_json(value: object) -> None:
    # Hours of a calendar are exact fractions, which JSON does not know.
    print(orjson.dumps(value, default=float, option=orjson.OPT_INDENT_2).decode())  # noqa: T201 - the answer


def _print(what: Table | str) -> None:
    Console(highlight=False, markup=False).print(what)
