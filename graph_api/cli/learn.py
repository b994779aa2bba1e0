"""`graph-api next` and `path`: what to learn next, and the cheapest way to a goal."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

Known = Annotated[str, typer.Option(help="Slugs of what you know, with commas between them.")]
Goals = Annotated[list[str] | None, typer.Option("--goal", help="A topic to reach; may be given again.")]
InRoadmap = Annotated[str | None, typer.Option("--roadmap", help="A roadmap to follow.")]
Optional = Annotated[bool, typer.Option("--include-optional", help="Bring up optional topics too.")]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for programs.")]
AsMermaid = Annotated[bool, typer.Option("--mermaid", help="A Mermaid picture.")]
AsDot = Annotated[bool, typer.Option("--dot", help="A Graphviz picture, as text.")]
AsSvg = Annotated[Path | None, typer.Option("--svg", help="A file for the picture; needs Graphviz.")]


class Minimise(Enum):
    """What a path is to have the least of; `required` counts the hours of optional topics twice."""

    hours = "hours"
    topics = "topics"
    required = "required"


def next_(
    known: Known = "",
    goal: Goals = None,
    roadmap: InRoadmap = None,
    include_optional: Optional = False,
    first: Annotated[int, typer.Option(min=1, max=100, help="How many.")] = 10,
    json: AsJson = False,
    as_mermaid: AsMermaid = False,
    as_dot: AsDot = False,
    svg: AsSvg = None,
) -> None:
    """Say what to learn next, and why."""
    from graph_api.cli.answers import Asked, print_next, show

    asked = Asked.read(known=known, goals=goal or (), roadmap=roadmap, include_optional=include_optional)
    if as_mermaid or as_dot or svg:
        show(asked, (), as_mermaid=as_mermaid, svg=svg)
    else:
        print_next(asked, first=first, json=json)


def path(
    known: Known = "",
    goal: Goals = None,
    roadmap: InRoadmap = None,
    include_optional: Optional = False,
    minimise: Annotated[Minimise, typer.Option(help="What to have the least of.")] = Minimise.hours,
    deadline: Annotated[float, typer.Option(min=0, max=600, help="Seconds to search.")] = 1.0,
    hours_per_week: Annotated[float | None, typer.Option(help="Add a calendar of so many hours.")] = None,
    start: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Its first day.")] = None,
    working_days: Annotated[bool, typer.Option("--working-days", help="Monday to Friday.")] = False,
    json: AsJson = False,
    as_mermaid: AsMermaid = False,
    as_dot: AsDot = False,
    svg: AsSvg = None,
) -> None:
    """Find the provably cheapest path to all goals, or to a roadmap's topics."""
    from graph_api.cli.answers import Asked, print_path, show

    asked = Asked.read(known=known, goals=goal or (), roadmap=roadmap, include_optional=include_optional)
    found = asked.path(minimise.value, deadline)
    if as_mermaid or as_dot or svg:
        show(asked, found.steps, as_mermaid=as_mermaid, svg=svg)
        return
    plan = None
    if hours_per_week is not None:
        plan = asked.calendar(found.steps, hours_per_week, start and start.date(), working_days=working_days)
    print_path(asked, found, plan, json=json)
