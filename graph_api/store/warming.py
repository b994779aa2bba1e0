"""What makes a database ready for the first requests of a process: it plans what they will send."""

from __future__ import annotations

from typing import Final

from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.model import Aliases
from graph_api.store.cypher import reads
from graph_api.store.following import follow
from graph_api.store.reader import GraphReader
from graph_api.store.session import Database
from graph_api.store.structure import Structure

_LATEST: Final = 2**53
"""No revision comes after it, so there is nothing to follow."""
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
"""The id of nothing. A plan is made for lists and texts of about one length: these are as those to come."""


async def warm_up(database: Database) -> None:
    """Send all that a read may wait for, one after another, asking for what is not there.

    Raises what `Database` raises. To plan a statement takes a cold database 50 to 180 ms of a processor, and
    several times that on a slow machine: sent all at once, they kept the first request waiting until it was
    refused.
    """
    reader, keys = GraphReader(database), (_NOBODY,)
    latest = Structure(_LATEST, PrerequisiteGraph.build(()), {}, Aliases(), entry=_NOBODY)
    await follow(database, latest)
    for along in reads.OUTLINES_AND_TOPICS:
        await reader.outlines_with_topics(keys, keys, needs=along.needs)
    for along in reads.TOPICS_BY_SLUG:
        await reader.topics_by_slug(keys, along)
    for along in reads.TOPICS_BY_ID:
        await reader.topics_by_id(keys, along)
    for read in (
        reader.outlines_by_slug,
        reader.outlines_by_id,
        reader.outlines_by_section,
    ):
        await read(keys)
    for kinds in reads.BESIDE_TOPICS:
        await reader.beside_topics(keys, kinds)
