"""What makes a process and its database ready for the first requests: plans, and connections."""

from __future__ import annotations

import asyncio
from typing import Final

from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.model import Aliases
from graph_api.store.following import follow
from graph_api.store.nodes import Along
from graph_api.store.reader import GraphReader
from graph_api.store.session import Database
from graph_api.store.structure import Structure

_LATEST: Final = 2**53
"""No revision comes after it, so there is nothing to follow."""
_NOBODY: Final = "00000000-0000-0000-0000-000000000000"
"""The id of nothing. A plan is made for lists and texts of about one length: these are as those to come."""


async def warm_up(database: Database) -> None:
    """Send all that a read may wait for, side by side, asking for what is not there.

    Raises what `Database` raises. To plan a statement takes a cold database 50 to 180 ms, and to open a
    connection takes several ways to it: the first who met a write would wait for both.
    """
    reader, keys = GraphReader(database), (_NOBODY,)
    latest = Structure(_LATEST, PrerequisiteGraph.build(()), {}, Aliases(), entry=_NOBODY)
    await asyncio.gather(
        follow(database, latest),
        reader.outlines_by_slug(keys),
        reader.outlines_by_id(keys),
        reader.outlines_by_section(keys),
        *(reader.outlines_with_topics(keys, along) for along in Along),
        *(reader.topics_by_slug(keys, along) for along in Along),
        *(reader.topics_by_id(keys, along) for along in Along),
        reader.recommendations_by_topic(keys),
        reader.resources_by_topic(keys),
        reader.placements_by_topic(keys),
    )
