"""A Django dump, a JSON list of records of {model, pk, fields}, each value asked for by its sort."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from graph_api.formats.fault_list import FaultList
from graph_api.formats.reading import Note
from graph_api.formats.roadmap1.tree import Path, Tree, shown

_EMPTY: Final[tuple[object, ...]] = (None, "", [], {}, "[]", False)
"""What says nothing, so that nobody misses it."""

_NAMED: Final = 50


@dataclass(frozen=True, slots=True)
class Record:
    """One record. Values of another sort than asked for are faults of the dump, and read as nothing."""

    dump: Dump
    place: int
    pk: str
    fields: Mapping[str, object]

    def text(self, field: str) -> str:
        """Text, empty for nothing."""
        value = self.fields.get(field)
        return value if isinstance(value, str) else self._nothing(field, "Text")

    def number(self, field: str) -> float | None:
        """A number, None for nothing."""
        value = self.fields.get(field)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        self._nothing(field, "A number")
        return None

    def texts(self, field: str) -> list[str]:
        """A list of text, empty for nothing."""
        value = self.fields.get(field)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return value
        self._nothing(field, "A list of text")
        return []

    def true(self, field: str) -> bool:
        """Whether it is true; nothing is not."""
        value = self.fields.get(field)
        if not isinstance(value, bool):
            self._nothing(field, "true or false")
        return value is True

    def fault(self, message: str, field: str) -> None:
        """A fault of one of its fields."""
        self.dump.fault(message, (self.place, "fields", field))

    def _nothing(self, field: str, sort: str) -> str:
        value = self.fields.get(field)
        if value is not None:
            self.fault(f"{sort} is needed here, not {shown(value)}.", field)
        return ""


class Dump:
    """The records of a dump by model, in the order of the text; with their faults."""

    def __init__(self, tree: Tree) -> None:
        self.faults = FaultList()
        self._tree = tree
        self._records: dict[str, dict[str, Record]] = {}
        if not isinstance(tree.data, list):
            self.fault(f"A dump is a list of records, not {shown(tree.data)}.", ())
            return
        for place, item in enumerate(tree.data):
            self._take(place, item)

    def of(self, model: str) -> Mapping[str, Record]:
        """The records of a model by primary key."""
        return self._records.get(model, {})

    def fault(self, message: str, path: Path) -> None:
        """A fault at a path of the file."""
        self.faults.add(self._tree.fault(message, path))

    def line(self, record: Record) -> int:
        """The line where a record starts."""
        return self._tree.line((record.place,))

    def unread(self, read: Mapping[str, frozenset[str]]) -> Iterator[Note]:
        """Notes on models that are not read, and on fields that hold something and are not."""
        for model, records in sorted(self._records.items()):
            if model not in read:
                yield Note("model", f"All {len(records):,} records of {model} are left out.")
                continue
            held = Counter(
                field
                for record in records.values()
                for field, value in record.fields.items()
                if field not in read[model] and value not in _EMPTY
            )
            if held:
                first = sorted(held.items())[:_NAMED]
                named = ", ".join(f"{shown(field)} ({count:,})" for field, count in first)
                yield Note("field", f"Of {model} these fields are left out: {named}.")

    def _take(self, place: int, item: object) -> None:
        values = item if isinstance(item, dict) else {}
        model, pk, fields = values.get("model"), values.get("pk"), values.get("fields")
        if isinstance(pk, int) and not isinstance(pk, bool):
            pk = str(pk)
        if not (isinstance(model, str) and isinstance(pk, str) and isinstance(fields, dict)):
            self.fault("A record has a model, a pk and fields.", (place,))
            return
        records = self._records.setdefault(model, {})
        if pk in records:
            self.fault(f"There is a record {shown(pk)} of {shown(model)} already.", (place, "pk"))
        records[pk] = Record(self, place, pk, fields)
