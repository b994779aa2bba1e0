"""The command `graph-api`: arguments and calls, nothing else."""

from __future__ import annotations

import sys

import typer

from graph_api.cli import content, db, schema, serve
from graph_api.cli.screen import say_error
from graph_api.errors import RoadmapError

app = typer.Typer(
    name="graph-api",
    help="A roadmap knowledge graph: what to learn, what it rests on, and what to learn next.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command("serve")(serve.serve)
app.command("import")(content.import_files)
app.command("export")(content.export)
app.command("check")(content.check)
app.command("schema")(schema.schema)
app.add_typer(db.app, name="db")


def main() -> None:
    """Run the command line; our own errors become one sentence and exit code 1."""
    try:
        app()
    except RoadmapError as error:
        say_error(error)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
