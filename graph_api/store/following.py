"""How the structure follows the writes of others: by what the history says that they changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from graph_api.knowledge.change import Change, changed
from graph_api.knowledge.model import Aliases, Catalogue, Roadmap, Topic
from graph_api.store import history as texts
from graph_api.store.clock import TRIES, Clock, settle
from graph_api.store.content import aliases
from graph_api.store.cypher import history
from graph_api.store.session import Database, Parameters, only
from graph_api.store.structure import Structure
from graph_api.store.touches import Touched

MOST: Final = 2000
"""After so many changed nodes, to read the structure is no dearer."""


async def follow(database: Database, structure: Structure) -> tuple[Structure, Touched] | None:
    """The structure of the current revision made from an older one, and what was touched since.

    The very same where nothing has followed. None where the history does not tell: it has a gap, it is
    another one since the database was set back, or more has changed than is worth it. Raises what `Database`
    raises.

    It takes one statement, or one more under the lock where it is not sure that a commit has ended.
    """
    parameters = {"revision": structure.revision, "entry": structure.entry, "limit": MOST + 1}
    found = only(await database.read(history.FOLLOW, **parameters))
    if _clock(found).shows(structure.revision):
        same = structure.entry in {None, found["known"]}
        return (structure, Touched(frozenset())) if same else None
    if structure.entry is None:
        return None
    if _clock(found).shows(found["settled"]) and found["settled"] > structure.revision:
        return await _after(structure, found)
    locked = await _followed_locked(database, parameters)
    return None if locked is None else await _after(structure, locked)


def _clock(found: Mapping[str, Any]) -> Clock:
    """What the clock showed after all that was found."""
    return Clock(found["revision"], found["announced"])


async def _followed_locked(database: Database, parameters: Parameters) -> dict[str, Any] | None:
    """The record of FOLLOW while nobody can commit, of a revision beside which none is announced, if any."""
    for _ in range(TRIES):
        found = only(await database.put(history.FOLLOW_LOCKED, **parameters))
        if _clock(found).shows(found["revision"]):
            return found
        await settle(database)  # whoever announced it has not committed it, or the lock would not be ours
    return None


async def _after(structure: Structure, found: Mapping[str, Any]) -> tuple[Structure, Touched] | None:
    """What a record of FOLLOW makes of a structure, if it tells."""
    gap = len(found["entries"]) != found["revision"] - structure.revision
    if found["known"] is None or gap or len(found["versions"]) > MOST:
        return None
    versions = [*map(_Version.read, found["versions"])]
    change = _change(versions, aliases([found]))
    if structure.keeps_graph(change):
        after = structure.changed(change)  # sooner done than handed to a thread
    else:
        after = await asyncio.to_thread(structure.changed, change)
    newest = [found["known"], *found["entries"]][-1]
    topics = {each.id: each.after for each in versions if isinstance(each.after, Topic)}
    touched = Touched(frozenset(each.id for each in versions), topics)
    return replace(after, revision=found["revision"], entry=newest), touched


class _Version(NamedTuple):
    """What a topic or a roadmap was and is; None where it was not there, or is no more."""

    kind: str
    id: str
    before: Topic | Roadmap | None
    after: Topic | Roadmap | None

    @classmethod
    def read(cls, row: Mapping[str, Any]) -> _Version:
        """That of a row of FOLLOW."""
        read = _READ[row["kind"]]
        before, after = (None if row[side] is None else read(row[side]) for side in ("before", "after"))
        return cls(row["kind"], row["id"], before, after)


def _change(versions: Iterable[_Version], now: Aliases) -> Change:
    """The versions as one change."""
    before: dict[str, dict[str, Any]] = {"Topic": {}, "Roadmap": {}}
    after: dict[str, dict[str, Any]] = {"Topic": {}, "Roadmap": {}}
    for each in versions:
        for side, value in ((before, each.before), (after, each.after)):
            if value is not None:
                side[each.kind][value.slug] = value
    return changed(
        Catalogue(before["Topic"], before["Roadmap"]), Catalogue(after["Topic"], after["Roadmap"], now)
    )


_READ: Final[Mapping[str, Callable[[str], Topic | Roadmap]]] = {
    "Topic": texts.topic,
    "Roadmap": texts.roadmap,
}
