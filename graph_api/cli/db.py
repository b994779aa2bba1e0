"""`graph-api db`: the local Neo4j by itself."""

from __future__ import annotations

import typer

from graph_api.cli.database import local_neo4j
from graph_api.cli.screen import database_progress, say
from graph_api.settings import Settings

app = typer.Typer(help="Start, stop and look after the local Neo4j.", no_args_is_help=True)


@app.command()
def start() -> None:
    """Start the local Neo4j and leave it running."""
    with database_progress() as draw:
        connection = local_neo4j(Settings.read()).start(progress=draw, detached=True)
    say(f"Neo4j answers at {connection.uri}.")


@app.command()
def stop() -> None:
    """Stop the local Neo4j."""
    stopped = local_neo4j(Settings.read()).shutdown()
    say("Neo4j is stopped; its data stays." if stopped else "Neo4j was not running.")


@app.command()
def status() -> None:
    """Say whether the local Neo4j runs; the exit code is 0 when it does and 3 when it does not."""
    found = local_neo4j(Settings.read()).status()
    if found.running is None:
        say(f"Neo4j is not running. Its home is {found.home} ({found.disk / 1e6:.1f} MB).")
        raise typer.Exit(3)
    memory = f", {found.memory / 1e6:.0f} MB of memory" if found.memory else ""
    say(
        f"Neo4j {found.running.version} answers at {found.running.uri} (process {found.running.java.pid}"
        f"{memory}). Its home is {found.home} ({found.disk / 1e6:.1f} MB)."
    )


@app.command()
def reset(
    yes: bool = typer.Option(False, "--yes", help="Do not ask."),
) -> None:
    """Delete everything that the local Neo4j holds."""
    local = local_neo4j(Settings.read())
    if not yes:
        typer.confirm(f"Delete all data in {local.status().home}?", abort=True, err=True)
    local.reset()
    say("The local Neo4j is empty again.")
