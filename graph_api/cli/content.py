"""`graph-api import`, `export` and `check`: roadmap files into the graph, out of it, and by themselves."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Annotated

import typer

from graph_api.app import connect
from graph_api.cli.database import running
from graph_api.cli.files import read_documents
from graph_api.cli.screen import row_progress, say
from graph_api.errors import NotFound
from graph_api.formats import roadmap1
from graph_api.knowledge.change import Change, plan
from graph_api.knowledge.document import Document
from graph_api.knowledge.model import Catalogue
from graph_api.knowledge.names import suggestions
from graph_api.settings import Settings
from graph_api.store.migrations import migrate
from graph_api.store.writer import GraphWriter, read_catalogue

Files = Annotated[list[Path], typer.Argument(help="Roadmap files, or folders of them.", show_default=False)]
Prune = Annotated[bool, typer.Option("--prune", help="Remove what the files no longer name.")]
Stubs = Annotated[bool, typer.Option("--stubs", help="Create topics that are named and unknown.")]


def import_files(files: Files, prune: Prune = False, stubs: Stubs = False) -> None:
    """Import roadmap files, all or nothing."""
    documents = read_documents(files)
    with running(Settings.read()) as settings:
        asyncio.run(import_documents(settings, documents, prune=prune, stubs=stubs))


async def import_documents(
    settings: Settings, documents: list[Document], *, prune: bool = False, stubs: bool = False
) -> None:
    """Migrate, import documents with a progress bar, and say what changed."""
    async with connect(settings) as database:
        await migrate(database)
        with row_progress("Importing") as report:
            change, revision = await GraphWriter(database).import_documents(
                documents, prune=prune, stubs=stubs, report=report
            )
    _say_change(change, prune=prune)
    say(f"{change.summary()} The catalogue is at revision {revision}.")


def check(files: Files, stubs: Stubs = False) -> None:
    """Check roadmap files together, without a database."""
    change = plan(Catalogue(), read_documents(files), stubs=stubs)
    _say_change(change, prune=False)
    say(f"No faults. {change.summary()}")


def export(
    slug: Annotated[str, typer.Argument(help="The roadmap's slug.", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file; standard output if left out.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of YAML.")] = False,
) -> None:
    """Export a roadmap, with every topic that it rests on, as a file that imports back."""
    with running(Settings.read()) as settings:
        catalogue = asyncio.run(_read(settings))
    if slug not in catalogue.roadmaps:
        near = suggestions([slug], sorted(catalogue.roadmaps))[slug]
        raise NotFound(f'No roadmap has the slug "{slug}".' + (f" Did you mean {near[0]}?" if near else ""))
    dump = roadmap1.dump_json if json else roadmap1.dump
    data = dump(catalogue.roadmaps[slug], catalogue.topics)
    if output is None:
        sys.stdout.buffer.write(data)
    else:
        output.write_bytes(data)


async def _read(settings: Settings) -> Catalogue:
    async with connect(settings) as database:
        await migrate(database)
        return await read_catalogue(database)


def _say_change(change: Change, *, prune: bool) -> None:
    """Name what the files no longer name, what was made up and what was dropped."""
    done = "Removed, as no file names it now" if prune else "Kept, although no file names it now"
    for roadmap, section in change.unnamed.sections:
        say(f"{done}: section {section} of {roadmap}.")
    for roadmap, section, topic in change.unnamed.placements:
        say(f"{done}: {topic} in section {section} of {roadmap}.")
    for topic in change.unnamed.topics:
        gone = topic in change.topics.removed
        say(f"{'Removed' if gone else 'Kept'}, although no roadmap holds it any more: topic {topic}.")
    for topic in change.stubs:
        say(f"Created as a stub: topic {topic}.")
    for topic, recommended in change.dropped:
        say(f"Dropped: the recommendation of {recommended} before {topic}.")
