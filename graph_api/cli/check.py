"""`graph-api check`: what is wrong, or worth a look, in roadmap files; no database is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

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
from graph_api.cli.findings import Findings
from graph_api.errors import InvalidDocument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from graph_api.formats.reading import Reading
    from graph_api.knowledge.document import Document

Json = Annotated[bool, typer.Option("--json", help="Print everything as one JSON object, for programs.")]


def check(
    files: Files,
    stubs: Stubs = False,
    json: Json = False,
    format_: Named = "roadmap/1",
    practice: Practice = False,
    include_wip: IncludeWip = False,
    slug: RoadmapSlug = None,
    title: RoadmapTitle = None,
) -> None:
    """Check roadmap files together, or files of another format, without a database.

    Faults come first, then notices: what is legal and worth a look. What a format says and a roadmap
    cannot is told on standard error, and in full with --json. The exit code is 1 when there are faults,
    and 0 with mere notices.
    """
    from graph_api.cli.diagnosis import text_of
    from graph_api.cli.output import write

    reader = Reader.of(format_, practice=practice, include_wip=include_wip, slug=slug, title=title)
    readings, findings = _examined(files, reader, stubs=stubs)
    if not json:
        say_notes(readings)
    write(_json(findings, readings) if json else text_of(findings).encode(), None)
    if not findings.sound:
        raise typer.Exit(1)


def _examined(files: Files, reader: Reader, *, stubs: bool) -> tuple[list[Reading], Findings]:
    try:
        readings = read_files(files, reader)
    except InvalidDocument as error:
        return [], Findings(faults=error.faults)
    documents = [reading.document for reading in readings]
    return readings, examine(documents, stubs=stubs or reader.format.stubs)


def examine(documents: Sequence[Document], *, stubs: bool = False) -> Findings:
    """What is to be said about documents that can be read, each by itself."""
    from graph_api.knowledge.diagnosis import diagnose
    from graph_api.knowledge.document import faults, named
    from graph_api.knowledge.graph import PrerequisiteGraph
    from graph_api.knowledge.model import Topic

    topics = {topic.slug: topic for document in documents for topic in document.topics}
    made = sorted(named(documents) - topics.keys()) if stubs else []
    topics |= {slug: Topic(slug=slug, title=slug) for slug in made}
    roadmaps = [document.roadmap for document in documents]
    return Findings(
        faults=faults(documents, topics.keys()),
        diagnosis=diagnose(PrerequisiteGraph.build(topics.values()), roadmaps),
        roadmaps=sorted({roadmap.slug for roadmap in roadmaps}),
        topics=sorted(topics),
        stubs=made,
    )


def _json(findings: Findings, readings: Sequence[Reading]) -> bytes:
    import orjson

    notes = [
        {"file": reading.document.name, "kind": note.kind, "message": note.message}
        for reading in readings
        for note in reading.notes
    ]
    told = {**findings.as_dict(), "notes": notes}
    return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
