"""`graph-api diff`: what differs between two states of a roadmap, and what that means to a learner."""

from __future__ import annotations

from typing import Annotated

import typer

from graph_api.cli.screen import say_error
from graph_api.errors import RoadmapError

TROUBLE = 2

_A_STATE = "A roadmap file, or SLUG or SLUG@REVISION of the graph."

Before = Annotated[str, typer.Argument(help=_A_STATE, metavar="A", show_default=False)]
After = Annotated[str, typer.Argument(help=_A_STATE, metavar="B", show_default=False)]
Known = Annotated[
    list[str] | None,
    typer.Option("--known", help="What the learner knows, with commas between; may be given again."),
]
Optional = Annotated[bool, typer.Option("--include-optional", help="Lead paths to optional topics too.")]
Json = Annotated[bool, typer.Option("--json", help="Print everything as one JSON object, for programs.")]


def diff(
    before: Before, after: After, known: Known = None, include_optional: Optional = False, json: Json = False
) -> None:
    """Say what differs between two states of a roadmap, and what that means to a learner.

    Two files need no database. A topic that a file merely mentions is taken from the other side, as an
    import would take it from the graph. The exit code is that of diff(1): 0 when nothing differs, 1 when
    something does, 2 when it cannot be told.
    """
    from graph_api.cli.compared import compared
    from graph_api.cli.differences import show

    slugs = [slug.strip() for given in known or () for slug in given.split(",") if slug.strip()]
    try:
        found = compared(before, after, slugs, include_optional=include_optional)
        show(found, json=json)
    except RoadmapError as error:
        say_error(error)
        raise typer.Exit(TROUBLE) from error
    raise typer.Exit(0 if found.diff.empty else 1)
