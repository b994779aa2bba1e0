"""The rows of a CSV list of edges, each checked by itself and those of a group together."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from pydantic import TypeAdapter, ValidationError

from graph_api.errors import Fault, InvalidValues
from graph_api.formats.fault_list import FaultList
from graph_api.formats.reading import Note
from graph_api.formats.roadmap1.reading import invalid
from graph_api.formats.roadmap1.text import Reason, Title
from graph_api.formats.roadmap1.tree import broken, shown
from graph_api.formats.roadmap1.values import topic as checked
from graph_api.knowledge.names import suggestions

COLUMNS: Final = ("from", "to", "kind", "group", "need", "reason")
KINDS: Final = ("requires", "recommends")
MAX_ROWS: Final = 50_000
MAX_ROW: Final = 64 * 1024
"""So many characters one row can have; a quote that nobody closes would go on to the end of the file."""

_TITLE: Final[TypeAdapter[str]] = TypeAdapter(Title)
_REASON: Final[TypeAdapter[str]] = TypeAdapter(Reason)
_NAMED: Final = 10
_LINE: Final = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]+")
_WHOLE: Final = re.compile(r"[0-9]{1,9}")
_HINTS: Final = {
    "unexpected end of data": "a quote is opened and never closed",
    "expected after": "a field with quotes in it starts and ends with one, and has each of its own twice",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One edge: what its columns say, and its line."""

    line: int
    before: str
    after: str
    kind: str
    group: str
    need: int | None
    reason: str


@dataclass(slots=True)
class Group:
    """Rows of one topic that count together: what any of them says of the group holds for all."""

    rows: list[Row] = field(default_factory=list)

    @property
    def line(self) -> int:
        """The line of its first row."""
        return self.rows[0].line

    @property
    def need(self) -> int:
        """How many of its topics are needed: one, where no row says it."""
        return next((row.need for row in self.rows if row.need is not None), 1)

    @property
    def reason(self) -> str:
        """Why, as its first row with a reason has it."""
        return next((row.reason for row in self.rows if row.reason), "")


class Rows:
    """What a file says: topics with the line of their first mention, groups and recommendations by topic.

    `faults` are those of the rows; raises InvalidDocument at once where there are no rows to be had.
    """

    def __init__(self, text: str, *, name: str) -> None:
        self.name = name
        self.faults = FaultList()
        self.notes: list[Note] = []
        self.topics: dict[str, int] = {}
        self.groups: dict[str, dict[str, Group]] = {}
        self.recommended: dict[str, list[Row]] = {}
        self._seen: dict[tuple[str, ...], int] = {}
        self._read(_records(text, name))
        for groups in self.groups.values():
            for group in groups.values():
                self._agree(group)

    def _read(self, records: Iterator[tuple[int, list[str]]]) -> None:
        line, header = next(records, (1, []))
        columns = self._columns([column.strip() for column in header], line)
        for count, (at, fields) in enumerate(records):
            if count == MAX_ROWS:
                raise broken(f"One file can hold {MAX_ROWS:,} edges, not more.", name=self.name, line=at)
            if self.faults.full:
                return
            if len(fields) > len(columns):
                self._fault(f"This row has {len(fields):,} fields, the first row {len(columns):,}.", at)
            elif row := self._row(dict(zip(columns, fields, strict=False)), at):
                self._take(row)

    def _columns(self, header: list[str], line: int) -> list[str]:
        """The names of the columns; raises InvalidDocument with every fault of the first row."""
        faults = [Fault(message, file=self.name, line=line) for message in _header_faults(header)]
        free = [each for each in COLUMNS if each not in header]
        others = [column for column in dict.fromkeys(header) if column not in COLUMNS]
        for column, near in suggestions(() if faults else others, free).items():
            if near:
                message = f"There is no column {shown(column)}."
                faults.append(Fault(message, file=self.name, line=line, suggestion=near[0]))
        if faults:
            raise invalid(faults, self.name)
        if others:
            named = ", ".join(map(shown, others[:_NAMED])) + (" and others" if len(others) > _NAMED else "")
            self.notes.append(Note("column", f"Columns that say nothing here are left out: {named}."))
        return header

    def _row(self, values: Mapping[str, str], line: int) -> Row | None:
        """The row, or None where it has a fault."""
        before, after, kind, group, need = (values.get(column, "").strip() for column in COLUMNS[:-1])
        row = Row(
            line,
            before,
            after,
            kind or KINDS[0],
            group,
            int(need) if _WHOLE.fullmatch(need) else None,
            values.get("reason", ""),
        )
        faults = [*self._row_faults(row, need)]
        for path, message in faults:
            self._fault(message, line, path)
        return None if faults else row

    def _row_faults(self, row: Row, need: str) -> Iterator[tuple[str, str]]:
        for column, text in (("from", row.before), ("to", row.after)):
            if text not in self.topics and (message := _wrong(text, "title")):
                yield column, message
        if row.before and row.before == row.after:
            yield "to", f"The topic {shown(row.after)} cannot rest on itself."
        if row.kind not in KINDS:
            yield "kind", f"{shown(row.kind)} is no kind of edge; there are requires and recommends."
        if need and not row.need:
            yield "need", f"{shown(need)} is no number of topics; it is 1 or more."
        if row.kind == KINDS[1] and (row.group or need):
            yield "group", "A recommendation stands alone: it has no group and no need."
        elif row.need and row.need > 1 and not row.group:
            yield "need", "Only rows with a group have a need; without one each row is needed."
        if row.reason and (message := _wrong(row.reason, "reason")):
            yield "reason", message

    def _take(self, row: Row) -> None:
        for text in (row.before, row.after):
            self.topics.setdefault(text, row.line)
        key = (row.before, row.after, row.kind, row.group)
        if (first := self._seen.setdefault(key, row.line)) != row.line:
            self._fault(f"This edge is there already, on line {first}.", row.line)
        elif row.kind == KINDS[1]:
            self.recommended.setdefault(row.after, []).append(row)
        else:
            # A row without a group is one of its own; no text of a group starts with a blank.
            name = row.group or f" {row.before}"
            self.groups.setdefault(row.after, {}).setdefault(name, Group()).rows.append(row)

    def _agree(self, group: Group) -> None:
        """Faults of rows that say different things of their group, and of a need that nobody can meet."""
        for row in group.rows:
            if row.need is not None and row.need != group.need:
                self._fault(
                    f"This group needs {group.need} on another line, not {row.need}.", row.line, "need"
                )
            if row.reason and row.reason != group.reason:
                self._fault("This group has another reason on a line above.", row.line, "reason")
        if group.need > len(group.rows):
            line = next(row.line for row in group.rows if row.need is not None)
            message = (
                f"A group of {len(group.rows):,} asks for {group.need:,}; it can ask for 1 or more of them."
            )
            self._fault(message, line, "need")

    def _fault(self, message: str, line: int, path: str = "") -> None:
        self.faults.add(Fault(message, file=self.name, line=line, path=path))


def _header_faults(header: list[str]) -> Iterator[str]:
    if missing := [column for column in COLUMNS[:2] if column not in header]:
        hint = " with commas between" if len(header) == 1 else ""
        yield (
            f"The first row names the columns{hint}: from (what is learned first) and to (what requires it), "
            f"perhaps kind, group, need and reason; this one lacks {' and '.join(missing)}."
        )
    for column in COLUMNS:
        if header.count(column) > 1:
            yield f"The column {shown(column)} is there {header.count(column):,} times."


def _wrong(text: str, key: Literal["title", "reason"]) -> str | None:
    """What is wrong with a title or a reason, in the words of roadmap files."""
    if not text:
        return "A topic is needed here."
    try:
        (_TITLE if key == "title" else _REASON).validate_python(text)
    except ValidationError:
        return _in_words(
            {"title": text} if key == "title" else {"recommends": [{"topic": "x", "reason": text}]}
        )
    return None


def _in_words(values: Mapping[str, object]) -> str:
    try:
        checked(values)
    except InvalidValues as error:
        return error.faults[0].message
    raise AssertionError(values)  # the same models refused it


def _records(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """The rows that are not empty, each with its first line. Raises InvalidDocument where it is no CSV."""
    lines = _Lines(text, name)
    reader = csv.reader(lines, strict=True)
    while True:
        lines.start()
        try:
            fields = next(reader, None)
        except csv.Error as error:
            hint = next((hint for sign, hint in _HINTS.items() if sign in str(error)), str(error))
            raise broken(f"This is not valid CSV: {hint}.", name=name, line=lines.first) from error
        if fields is None:
            return
        if any(field.strip() for field in fields):
            yield lines.first, fields


class _Lines:
    """The lines of a text, for the csv module; `first` is where the row began that is being read."""

    def __init__(self, text: str, name: str) -> None:
        self._lines, self._name = _LINE.finditer(text), name
        self._number = self._held = 0
        self.first = 1

    def start(self) -> None:
        """A new row begins with the next line."""
        self.first, self._held = self._number + 1, 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        match = next(self._lines)
        self._number += 1
        self._held += match.end() - match.start()
        if self._held > MAX_ROW:
            message = (
                f"The row that starts here is longer than {MAX_ROW:,} characters; is a quote never closed?"
            )
            raise broken(message, name=self._name, line=self.first)
        return match.group()
