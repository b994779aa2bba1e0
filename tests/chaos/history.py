"""What must be in the database after all: what was acknowledged, and a history without gaps."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing

from graph_api.app import connect
from graph_api.settings import Settings
from tests.chaos.clients import READ, WRITERS, Api, Log, assert_whole


async def assert_history(base_url: str, settings: Settings, log: Log) -> int:
    """Everything that was promised is there, and nothing that was denied; returns the revision."""
    revision = await assert_revisions(settings, log)
    async with aclosing(Api(base_url, log)) as api:
        for writer in range(WRITERS):
            data = await api.ask(READ, slug=f"writer-{writer}")
            assert data is not None
            assert log.last(writer) <= assert_whole(data["roadmap"]) <= log.tried[writer]
            assert log.last(writer) > 0
    return revision


async def assert_revisions(settings: Settings, log: Log) -> int:
    """The same, as far as the history tells, without the API."""
    async with connect(settings) as database:
        rows = await database.read("MATCH (r:Revision) RETURN r.number AS number, r.by AS by ORDER BY number")
        [[revision]] = await database.read("MATCH (c:Catalogue) RETURN c.revision AS revision")
    authors = {row["number"]: row["by"] for row in rows}
    assert list(authors) == list(range(1, revision + 1)), "one revision for each write, and none missing"
    acknowledged = [*log.acknowledged, *log.tags]
    revisions = [revision for *_, revision in acknowledged]
    assert len({*revisions}) == len(revisions), "no revision was promised twice"
    assert all(authors[number] == f"writer-{writer}" for writer, _, number in acknowledged)
    promised = Counter(f"writer-{writer}" for writer, *_ in acknowledged)
    for author, made in Counter(authors.values()).items():
        told = f"{author} made {made}, was promised {promised[author]}, unsure {log.unsure[author]}"
        assert promised[author] <= made <= promised[author] + log.unsure[author], f"{told}: {log.denials}"
    return int(revision)
