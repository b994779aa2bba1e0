"""How the structure follows the writes of others: by what the history says that they changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from neo4j import Record

from graph_api.knowledge.change import Change, changed
from graph_api.knowledge.model import Aliases, Catalogue
from graph_api.store import history as texts
from graph_api.store.clock import undisturbed
from graph_api.store.content import aliases
from graph_api.store.cypher import history, whole
from graph_api.store.session import Database, Transaction, only
from graph_api.store.structure import Structure

MOST: Final = 2000
"""After so many changed nodes, to read the structure is no dearer."""


async def follow(database: Database, structure: Structure) -> tuple[Structure, frozenset[str]] | None:
    """The structure of the current revision made from an older one, and the ids of what was touched since.

    None where the history does not tell: it has a gap, it is another one since the database was set back, or
    more has changed than is worth it. Raises what `Database` raises.

    It reads while nobody can commit: to find out which commit has ended takes the lock in any case, and for
    as many round trips as these reads.
    """
    since: dict[str, object] = {"revision": structure.revision, "entry": structure.entry}

    async def work(transaction: Transaction, revision: int) -> tuple[int, list[list[Record]]]:
        return revision, [
            await transaction.run(history.WRITTEN_SINCE, **since),
            await transaction.run(history.CHANGED_SINCE, **since, limit=MOST + 1),
            await transaction.run(whole.ALIASES),
        ]

    revision, (written, versions, former) = await undisturbed(database, work)
    entries = only(written)
    gap = entries["count"] != revision - structure.revision
    if entries["newest"] is None or gap or len(versions) > MOST:
        return None
    change = _change(versions, aliases(former))
    after = await asyncio.to_thread(structure.changed, change)
    touched = frozenset(row["id"] for row in versions)
    return replace(after, revision=revision, entry=entries["newest"]), touched


def _change(versions: Iterable[Record], now: Aliases) -> Change:
    """Rows of CHANGED_SINCE as one change."""
    before: dict[str, dict[str, Any]] = {"Topic": {}, "Roadmap": {}}
    after: dict[str, dict[str, Any]] = {"Topic": {}, "Roadmap": {}}
    for row in versions:
        for side, text in ((before, row["before"]), (after, row["after"])):
            if text is not None:
                value = _READ[row["kind"]](text)
                side[row["kind"]][value.slug] = value
    return changed(
        Catalogue(before["Topic"], before["Roadmap"]), Catalogue(after["Topic"], after["Roadmap"], now)
    )


_READ: Final[Mapping[str, Any]] = {"Topic": texts.topic, "Roadmap": texts.roadmap}
