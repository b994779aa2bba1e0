"""The values of a file together with the line that each of them stands on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple, TypeAlias

from graph_api.errors import Fault, InvalidDocument

Step: TypeAlias = str | int
Path: TypeAlias = tuple[Step, ...]

MAX_DEPTH: Final = 64
MAX_VALUES: Final = 400_000
MAX_SHOWN: Final = 80
MAX_REPEATED: Final = 1_000
"""So many repeated keys are faults; nobody reads more of them."""


class Event(NamedTuple):
    """One step through a file: a scalar, or a mapping or list that opens or closes.

    `text` is a scalar as it is written, without quotes: what it is where it stands for a key.
    """

    kind: Literal["scalar", "mapping", "list", "end"]
    line: int
    value: str | int | float | bool | None = None
    text: str = ""


@dataclass(slots=True)
class Mark:
    """The line of a mapping or list, from 1, and the marks of its parts, of a scalar the line alone.

    A value of a mapping has its key's line.
    """

    line: int
    parts: dict[Step, Mark | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tree:
    """A file's values: mappings, lists, text, numbers, booleans and None."""

    name: str
    data: object
    mark: Mark
    faults: tuple[Fault, ...] = ()

    def line(self, path: Path) -> int:
        """The line of what stands at `path`, or of the nearest thing around it."""
        mark = self.mark
        for step in path:
            part = mark.parts.get(step)
            if part is None:
                break
            if isinstance(part, int):
                return part
            mark = part
        return mark.line

    def get(self, path: Path) -> object:
        """The value at `path`, None where there is nothing."""
        value = self.data
        for step in path:
            if isinstance(value, dict) and isinstance(step, str):
                value = value.get(step)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                value = value[step]
            else:
                return None
        return value

    def fault(self, message: str, path: Path, *, suggestion: str | None = None) -> Fault:
        """A fault at `path`."""
        return Fault(
            message, file=self.name, line=self.line(path), path=path_text(path), suggestion=suggestion
        )


def path_text(path: Iterable[Step]) -> str:
    """A path as authors read it: `sections[2].topics[0].requires[1].any[3]`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{_brief(step)}" for step in path)
    return "".join(steps).removeprefix(".")


def shown(value: object) -> str:
    """A value as a fault quotes it: brief, and with nothing in it that a terminal might obey."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value:.12g}"
        case str():
            return f'"{_brief(value)}"'
        case list():
            return "a list"
        case _:
            return "a mapping"


def _brief(text: str) -> str:
    text = text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}…"
    return text if text.isprintable() else text.encode("unicode_escape").decode("ascii")


def broken(message: str, *, name: str, line: int | None = None) -> InvalidDocument:
    """The one fault of a file that cannot be read any further."""
    return InvalidDocument([Fault(message, file=name, line=line)])


@dataclass(slots=True)
class _Frame:
    """An open mapping or list; `key` is the last key of a mapping, `waits` whether its value is to come."""

    data: dict[str, object] | list[object]
    mark: Mark
    key: str = ""
    key_line: int = 0
    waits: bool = False

    def step(self) -> Step:
        """The step from here to what is being read."""
        return self.key if isinstance(self.data, dict) else len(self.data) - 1


class _Builder:
    """Puts values and marks together, without recursion: files may come from anybody."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._top: list[object] = []
        self._stack = [_Frame(self._top, Mark(1))]
        self._faults: list[Fault] = []

    def tree(self, events: Iterator[Event]) -> Tree:
        for count, event in enumerate(events):
            if count >= MAX_VALUES:
                raise self._broken(f"The file holds more than {MAX_VALUES:,} values.", event.line)
            self._take(event)
        if not self._top:
            raise self._broken("The file is empty.", 1)
        mark = self._stack[0].mark.parts[0]
        mark = Mark(mark) if isinstance(mark, int) else mark
        return Tree(self._name, self._top[0], mark, tuple(self._faults))

    def _take(self, event: Event) -> None:
        frame = self._stack[-1]
        if event.kind == "end":
            self._stack.pop()
        elif isinstance(frame.data, dict) and not frame.waits:
            if event.kind != "scalar":
                raise self._broken("A key must be plain text, not a list or a mapping.", event.line)
            frame.key, frame.key_line, frame.waits = event.text, event.line, True
        elif event.kind == "scalar":
            self._put(frame, event.value, event.line)
        else:
            self._open(frame, event)

    def _open(self, frame: _Frame, event: Event) -> None:
        if len(self._stack) > MAX_DEPTH:
            raise self._broken(f"The file is nested more than {MAX_DEPTH} levels deep.", event.line)
        data: dict[str, object] | list[object] = {} if event.kind == "mapping" else []
        mark = Mark(event.line)
        self._put(frame, data, mark)
        self._stack.append(_Frame(data, mark))

    def _put(self, frame: _Frame, value: object, mark: Mark | int) -> None:
        if isinstance(frame.data, list):
            frame.mark.parts[len(frame.data)] = mark
            frame.data.append(value)
            return
        frame.waits = False
        if isinstance(mark, int):
            mark = frame.key_line
        else:
            mark.line = frame.key_line
        if frame.key in frame.data:
            self._repeated(frame)
            return
        frame.data[frame.key], frame.mark.parts[frame.key] = value, mark

    def _repeated(self, frame: _Frame) -> None:
        if len(self._faults) == MAX_REPEATED:
            return
        mark = frame.mark.parts[frame.key]
        first = mark if isinstance(mark, int) else mark.line
        message = f"The key {shown(frame.key)} stands twice here, first on line {first}."
        path = path_text(outer.step() for outer in self._stack[1:])
        self._faults.append(Fault(message, file=self._name, line=frame.key_line, path=path))

    def _broken(self, message: str, line: int) -> InvalidDocument:
        return broken(message, name=self._name, line=line)


def grow(events: Iterator[Event], *, name: str) -> Tree:
    """The tree of a file's events.

    Repeated keys are faults of the tree, the first value stays. Raises InvalidDocument at once for
    an empty file and one that is too deep or too large.
    """
    return _Builder(name).tree(events)
