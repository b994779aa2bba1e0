"""`graph-api import` and `export`: roadmap files into the graph, and out of it."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from graph_api.cli.files import (
    Files,
    IncludeWip,
    Named,
    Practice,
    Reader,
    RoadmapSlug,
    RoadmapTitle,
    Stubs,
    read_files,
    say_notes,
)
from graph_api.cli.screen import listed, say
from graph_api.errors import NotFound

if TYPE_CHECKING:
    from graph_api.formats.reading import Note
    from graph_api.knowledge.change import Change
    from graph_api.knowledge.document import Document
    from graph_api.knowledge.model import Catalogue
    from graph_api.settings import Settings

Prune = Annotated[bool, typer.Option("--prune", help="Remove what the files no longer name.")]
Slug = Annotated[str, typer.Argument(help="Slug of the roadmap.", metavar="SLUG", show_default=False)]
Output = Annotated[
    Path | None,
    typer.Option(
        "--output",
        "-o",
        help="File to write. Standard output if left out.",
        metavar="FILE",
        show_default=False,
    ),
]
Format = Literal["roadmap/1", "mermaid", "dot", "graphml", "csv"]
"""As formats.writing has them, which is not imported for --help."""

ExportFormat = Annotated[
    Format, typer.Option("--format", "-f", help="What to write. Only roadmap/1 says everything.")
]
Json = Annotated[bool, typer.Option("--json", help="Write roadmap/1 as JSON instead of YAML.")]


def import_files(
    files: Files,
    prune: Prune = False,
    stubs: Stubs = False,
    format_: Named = "roadmap/1",
    practice: Practice = False,
    include_wip: IncludeWip = False,
    slug: RoadmapSlug = None,
    title: RoadmapTitle = None,
) -> None:
    """Import roadmap files, or files of another format, as one change, all or nothing.

    Every fault of every file is reported at once. Importing the same files again changes nothing.
    What a file no longer names is reported, and stays without --prune. What another format says and a
    roadmap cannot is reported too.
    """
    from graph_api.cli.database import running
    from graph_api.settings import Settings

    reader = Reader.of(format_, practice=practice, include_wip=include_wip, slug=slug, title=title)
    settings, readings = Settings.read(), read_files(files, reader)
    say_notes(readings)
    documents = [reading.document for reading in readings]
    with running(settings) as reachable:
        asyncio.run(import_documents(reachable, documents, prune=prune, stubs=stubs or reader.format.stubs))


async def import_documents(
    settings: Settings, documents: list[Document], *, prune: bool = False, stubs: bool = False
) -> None:
    """Migrate, import documents with a progress bar, and say what changed."""
    from graph_api.cli.database import whole
    from graph_api.cli.progress import count_progress
    from graph_api.store.migrations import migrate
    from graph_api.store.writer import GraphWriter

    async with whole(settings) as database:
        with count_progress("Importing", "rows") as report:
            await migrate(database)
            change, revision = await GraphWriter(database).import_documents(
                documents, prune=prune, stubs=stubs, report=report
            )
    _say_change(change, prune=prune)
    say(f"{change.summary()} The catalogue is at revision {revision}.")


def export(
    slug: Slug, output: Output = None, format_: ExportFormat = "roadmap/1", json: Json = False
) -> None:
    """Export a roadmap as a file: one that imports back, or a picture, or a graph for other programs.

    The file holds every topic of the roadmap, and every topic that those rest on. What the format cannot
    say is told on standard error.
    """
    from graph_api.cli.database import running
    from graph_api.cli.output import write
    from graph_api.settings import Settings

    if json and format_ != "roadmap/1":
        raise typer.BadParameter(f"it does not go with --format {format_}.", param_hint="--json")
    with running(Settings.read()) as reachable:
        catalogue = asyncio.run(_read(reachable))
    if slug not in catalogue.roadmaps:
        raise _unknown(slug, catalogue)
    data, notes = _written(catalogue, slug, format_, json=json)
    write(data, output)
    for note in notes:
        say(note.message)


def _written(
    catalogue: Catalogue, slug: str, format_: Format, *, json: bool
) -> tuple[bytes, tuple[Note, ...]]:
    from graph_api.formats import roadmap1
    from graph_api.formats.writing import written

    roadmap = catalogue.roadmaps[slug]
    if json:
        return roadmap1.dump_json(roadmap, catalogue.topics), ()
    return written(roadmap, catalogue.topics, format=format_)


async def _read(settings: Settings) -> Catalogue:
    from graph_api.cli.database import whole
    from graph_api.cli.progress import count_progress
    from graph_api.store.migrations import pending
    from graph_api.store.writer import read_catalogue

    async with whole(settings) as database:
        with count_progress("Reading the graph", "seconds"):
            await pending(database)  # raises when a newer version has written the graph
            return await read_catalogue(database)


def _unknown(slug: str, catalogue: Catalogue) -> NotFound:
    from graph_api.knowledge.names import suggestions

    near = suggestions([slug], sorted(catalogue.roadmaps))[slug]
    if near:
        return NotFound(f'No roadmap has the slug "{slug}". Did you mean {" or ".join(near)}?')
    there = f"the graph holds {listed(catalogue.roadmaps)}" if catalogue.roadmaps else "the graph holds none"
    return NotFound(f'No roadmap has the slug "{slug}"; {there}.')


def _say_change(change: Change, *, prune: bool) -> None:
    """Name what the files no longer name, what was made up and what was dropped."""
    done = "Removed, as" if prune else "Kept, although"
    for roadmap, section in change.unnamed.sections:
        say(f"{done} no file names it any more: section {section} of {roadmap}.")
    for roadmap, section, topic in change.unnamed.placements:
        say(f"{done} no file places it there any more: {topic} in section {section} of {roadmap}.")
    for topic in change.unnamed.topics:
        gone = topic in change.topics.removed
        say(f"{'Removed, as' if gone else 'Kept, although'} it is in no roadmap any more: topic {topic}.")
    if change.unnamed and not prune:
        say("Import with --prune to remove what the files no longer name.")
    if change.stubs:
        say(f"Created as stubs: {listed(change.stubs)}.")
    for topic, recommended in change.dropped:
        say(f"Dropped: the recommendation of {recommended} before {topic}.")
