"""How the structure follows the writes of others: by what the history says that they changed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from graph_api.knowledge.change import Change, changed
from graph_api.knowledge.model import Aliases, Catalogue
from graph_api.store import history as texts
from graph_api.store.clock import TRIES, settle
from graph_api.store.content import aliases
from graph_api.store.cypher import history
from graph_api.store.session import Database, only
from graph_api.store.structure import Structure

MOST: Final = 2000
"""After so many changed nodes, to read the structure is no dearer."""


async def follow(database: Database, structure: Structure) -> tuple[Structure, frozenset[str]] | None:
    """The structure of the current revision made from an older one, and the ids of what was touched since.

    None where the history does not tell: it has a gap, it is another one since the database was set back, or
    more has changed than is worth it. Raises what `Database` raises.

    It reads while nobody can commit: to find out which commit has ended takes the lock in any case.
    """
    found = await _followed(database, structure)
    if found is None:
        return None
    gap = len(found["entries"]) != found["revision"] - structure.revision
    if found["known"] is None or gap or len(found["versions"]) > MOST:
        return None
    change = _change(found["versions"], aliases([found]))
    after = await asyncio.to_thread(structure.changed, change)
    newest = [found["known"], *found["entries"]][-1]
    touched = frozenset(row["id"] for row in found["versions"])
    return replace(after, revision=found["revision"], entry=newest), touched


async def _followed(database: Database, structure: Structure) -> dict[str, Any] | None:
    """The record of FOLLOW, of a revision beside which none is announced; None where there is none."""
    parameters = {"revision": structure.revision, "entry": structure.entry, "limit": MOST + 1}
    for _ in range(TRIES):
        found = only(await database.put(history.FOLLOW, **parameters))
        if found["announced"] == found["revision"]:
            return found
        await settle(database)  # whoever announced it has not committed it, or the lock would not be ours
    return None


def _change(versions: Iterable[Mapping[str, Any]], now: Aliases) -> Change:
    """The versions of FOLLOW as one change."""
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
