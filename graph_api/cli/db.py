"""`graph-api db`: the local Neo4j by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from graph_api.cli.screen import say

if TYPE_CHECKING:
    from graph_api.neo4j_local import LocalNeo4j, Running

NOT_RUNNING = 3

app = typer.Typer(
    help="Start, stop and look after the local Neo4j.", no_args_is_help=True, rich_markup_mode=None
)

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def _local() -> LocalNeo4j:
    from graph_api.cli.database import local_neo4j
    from graph_api.settings import Settings

    return local_neo4j(Settings.read())


@app.command()
def start() -> None:
    """Start the local Neo4j and leave it running."""
    from graph_api.cli.progress import database_progress

    local = _local()
    with database_progress() as draw:
        connection = local.start(progress=draw, detached=True)
    say(f"Neo4j answers at {connection.uri}.")


@app.command()
def stop() -> None:
    """Stop the local Neo4j; its data stays."""
    stopped = _local().shutdown()
    say("Neo4j is stopped; its data stays." if stopped else "Neo4j was not running.")


@app.command()
def status() -> None:
    """Say whether the local Neo4j runs. The exit code is 0 when it does and 3 when it does not."""
    found = _local().status()
    home = f"Its home is {found.home} ({found.disk / 1e6:.1f} MB)."
    if found.running is None:
        say(f"Neo4j is not running. {home}", to_output=True)
        raise typer.Exit(NOT_RUNNING)
    say(f"{_described(found.running, found.memory)} {home}", to_output=True)


@app.command()
def reset(yes: Yes = False) -> None:
    """Delete all data of the local Neo4j.

    The downloaded parts of Neo4j stay.
    """
    local = _local()
    if not yes:
        typer.confirm(f"Delete all data in {local.status().home}?", abort=True, err=True)
    local.reset()
    say("The local Neo4j is empty again.")


def _described(running: Running, memory: int | None) -> str:
    size = f", {memory / 1e6:.0f} MB of memory" if memory else ""
    ends = "until `graph-api db stop`" if running.detached else f"as long as process {running.owner}"
    return f"Neo4j {running.version} answers at {running.uri} {ends} (process {running.java.pid}{size})."
