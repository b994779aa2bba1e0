"""From Neo4j's logs to one sentence about why it does not run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from graph_api.errors import LocalDatabaseError

if TYPE_CHECKING:
    from pathlib import Path

    from graph_api.neo4j_local.home import Home

STARTED: Final = re.compile(r"INFO\s+Started\.")
PORT_TAKEN: Final = ("PortBindException", "Address already in use", "is already in use, cannot bind")
KNOWN: Final = (
    (
        ("No space left on device", "TransactionLogError", "Disk quota exceeded"),
        "The disk that holds {home} is full; free some space there and start again, no data is lost.",
    ),
    (
        ("FileLockException", "Lock file has been locked"),
        "The store in {home} is open in another Neo4j; stop that one and start again.",
    ),
    (
        ("Could not reserve enough space", "insufficient memory", "OutOfMemoryError"),
        "Java cannot get the memory it needs; free some, or choose the small JVM, and start again.",
    ),
    (
        ("Could not find or load main class", "NoClassDefFoundError", "zip END header not found"),
        "The jars in {library} are damaged; delete that folder and start again.",
    ),
)
TELLING: Final = re.compile(r"(?:ERROR|Caused by:|Exception|Error:)")


class PortTakenError(LocalDatabaseError):
    """Another program listens on the port."""

    def __init__(self, port: int) -> None:
        super().__init__(
            f"Port {port} of 127.0.0.1 is in use by another program; stop that one, or choose another port."
        )


@dataclass(frozen=True, slots=True)
class Tail:
    """What is written to a log after a certain moment; it begins anew when the log is rotated."""

    path: Path
    offset: int

    @classmethod
    def of(cls, path: Path) -> Tail:
        """Begin at the present end of `path`."""
        return cls(path, path.stat().st_size if path.exists() else 0)

    def text(self) -> str:
        """Return what came since."""
        try:
            with self.path.open("rb") as log:
                log.seek(0, 2)
                log.seek(self.offset if log.tell() >= self.offset else 0)
                return log.read().decode(errors="replace")
        except FileNotFoundError:
            return ""


@dataclass(frozen=True, slots=True)
class Story:
    """What one start of Neo4j wrote so far, and what that means."""

    home: Home
    library: Path
    port: int
    log: Tail

    @property
    def started(self) -> bool:
        """Whether Neo4j says that it is ready."""
        return STARTED.search(self.log.text()) is not None

    def known_fault(self) -> LocalDatabaseError | None:
        """Return the error that a person can do something about, as soon as it is written.

        Neo4j itself may go on for minutes without a hope, on a full disk for example.
        """
        told = self._told()
        if any(sign in told for sign in PORT_TAKEN):
            return PortTakenError(self.port)
        for signs, sentence in KNOWN:
            if any(sign in told for sign in signs):
                return LocalDatabaseError(sentence.format(home=self.home.root, library=self.library))
        return None

    def fault(self, what: str) -> LocalDatabaseError:
        """Return the error that says why Neo4j did `what`."""
        if known := self.known_fault():
            return known
        lines = [line.strip() for line in self._told().splitlines() if line.strip()]
        telling = [line for line in lines if TELLING.search(line)] or lines or ["it wrote nothing"]
        return LocalDatabaseError(
            f"Neo4j {what}; its last words: {telling[-1][:300]} (the whole log: {self.home.server_log})."
        )

    def _told(self) -> str:
        return self.log.text() + "\n" + Tail(self.home.console_log, 0).text()
