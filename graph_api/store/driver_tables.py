"""Tables of the driver, of which most entries are never asked for, made an entry at a time.

As it is imported, the driver counts the days of the 120,000 months of its 10,000 years, for the one date in
an entry of the history, and packs every number of 16 bits, which its extension in Rust does by itself: 38 MB,
more than a tenth of all that a process takes.
"""

from __future__ import annotations

import sys
from calendar import monthrange
from collections.abc import Callable
from struct import Struct
from typing import Any, Final, NamedTuple

import neo4j  # noqa: F401 - its modules are looked up by name

_SHORT: Final = Struct(">H")


class Table(NamedTuple):
    """A table by its name in a module of the driver, and what makes an entry of its key."""

    module: str
    name: str
    entry: Callable[[Any], Any]


TABLES: Final = (
    Table("neo4j.time", "_DAYS_IN_MONTH", lambda month: monthrange(*month)[1]),
    *(
        Table(f"neo4j._codec.packstream.{version}", name, entry)
        for version in ("v1", "v2")
        for name, entry in (
            ("PACKED_UINT_16", _SHORT.pack),
            ("UNPACKED_UINT_16", lambda packed: _SHORT.unpack(packed)[0]),
        )
    ),
)
"""A driver that has another one day keeps its own, and a test says so."""


class Made(dict[Any, Any]):
    """A table that makes its entries when they are asked for, and keeps none."""

    def __init__(self, entry: Callable[[Any], Any]) -> None:
        super().__init__()
        self._entry = entry

    def __missing__(self, key: Any) -> Any:
        return self._entry(key)


def let_go() -> None:
    """Put a table that keeps nothing in the place of each."""
    for module, name, entry in TABLES:
        if hasattr(sys.modules.get(module), name):
            setattr(sys.modules[module], name, Made(entry))
