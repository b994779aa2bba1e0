"""The faults of a file from anywhere, of which there may be very many: a bounded list."""

from __future__ import annotations

from collections.abc import Iterator

from graph_api.errors import Fault
from graph_api.formats.roadmap1.faults import MAX_FAULTS


class FaultList:
    """Faults of one file, each once; when there are MAX_FAULTS, the last says that there are more."""

    def __init__(self) -> None:
        self._found: dict[tuple[int | None, str, str], Fault] = {}

    @property
    def full(self) -> bool:
        """Whether no further fault is taken, so that whoever reads can stop."""
        return len(self._found) >= MAX_FAULTS

    def add(self, fault: Fault) -> None:
        """Take a fault, unless there are enough."""
        if self.full:
            return
        if len(self._found) == MAX_FAULTS - 1:
            fault = Fault(
                "There are more faults; this is where they stop being told.", file=fault.file, line=fault.line
            )
        self._found.setdefault((fault.line, fault.path, fault.message), fault)

    def __bool__(self) -> bool:
        return bool(self._found)

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._found.values())
