"""The command `graph-api`: arguments and calls, nothing else.

Every command imports what it needs when it runs, so that help and small commands answer at once.
"""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Sequence
from typing import Annotated

import typer

from graph_api.cli import check, content, db, diff, documents, learn, schema, serve, token
from graph_api.cli.screen import say, say_error, say_system_error
from graph_api.errors import RoadmapError

TERMINATED = 128 + signal.SIGTERM

app = typer.Typer(
    name="graph-api",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,  # boxes would cost a third of a second on every --help
)
app.command("serve")(serve.serve)
app.command("import")(content.import_files)
app.command("export")(content.export)
app.command("check")(check.check)
app.command("diff")(diff.diff)
app.command("next")(learn.next_)
app.command("path")(learn.path)
app.command("schema")(schema.schema)
app.command("documents")(documents.documents)
app.command("token")(token.token)
app.add_typer(db.app, name="db")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and leave the process: 0 done, 1 a fault in one sentence, 2 wrong usage, 130 Ctrl-C."""
    signal.signal(signal.SIGTERM, _terminate)
    # The driver tells each of its attempts; we tell how they end.
    logging.getLogger("neo4j").addHandler(logging.NullHandler())
    try:
        app(arguments)
    except RoadmapError as error:
        say_error(error)
    except OSError as error:
        say_system_error(error)
    sys.exit(1)


def _terminate(*_: object) -> None:
    """End as Ctrl-C does, through every `finally`, so that nothing is left running."""
    sys.exit(TERMINATED)


def _say_version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        say(f"graph-api {version('roadmap-graph-api')}", to_output=True)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_say_version, is_eager=True, help="Print the version and exit."),
    ] = False,
) -> None:
    """A roadmap knowledge graph: what to learn, what it rests on, and what to learn next.

    Settings come from the environment (see the README); an option beats the variable of its setting.
    """
