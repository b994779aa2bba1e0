"""Fetching jars from a package repository: eight at a time, checked, and stopped at once when asked."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from graph_api.errors import LocalDatabaseError
from graph_api.neo4j_local.files import FULL, sentence_for
from graph_api.neo4j_local.progress import Report, Step

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from jgo.maven import Artifact

    from graph_api.neo4j_local.pins import Jar

THREADS: Final = 8
TRIES: Final = 3
PAUSE_SECONDS: Final = 0.5
TIMEOUT_SECONDS: Final = 60
REPORT_SECONDS: Final = 0.1
LABEL: Final = "Downloading Neo4j"

Received: TypeAlias = Callable[[int], None]
"""Told the bytes of every chunk that arrived."""


class Source(Protocol):
    """Where jars come from."""

    def path(self, jar: Jar) -> Path:
        """Where the jar is kept, whether it is there or not."""

    def fetch(self, jar: Jar, received: Received) -> None:
        """Write the jar to its path, unchecked; call `received` with the bytes of every chunk."""


class Stopped(Exception):
    """Raised inside a download whose result nobody waits for any more."""


class Repository:
    """A Maven repository, through jgo's downloader; `mirror` replaces jgo's own default.

    jgo writes straight to the final path and only warns about a bad checksum, so nothing that it leaves
    there is believed before `Jar.is_at` says so.
    """

    def __init__(self, folder: Path, mirror: str | None) -> None:
        from jgo.maven import MavenContext
        from jgo.maven._resolver import PythonResolver

        # Without a handler of its own, jgo's warning about a torn file would reach the terminal.
        logging.getLogger("jgo").addHandler(logging.NullHandler())
        self._folder = folder
        self._received = threading.local()
        self._context = MavenContext(
            resolver=PythonResolver(progress_callback=self._measure),
            repo_cache=folder,
            remote_repos={"mirror": mirror.rstrip("/")} if mirror else None,
            timeout=TIMEOUT_SECONDS,
        )

    def _artifact(self, jar: Jar) -> Artifact:
        component = self._context.project(jar.group, jar.artifact).at_version(jar.version)
        return component.artifact(jar.classifier, "jar")

    @contextmanager
    def _measure(self, _filename: str, _total: int) -> Iterator[Received]:
        yield self._received.call

    def path(self, jar: Jar) -> Path:
        """Where the jar is kept, whether it is there or not."""
        component = f"{jar.group.replace('.', '/')}/{jar.artifact}/{jar.version}"
        return self._folder / component / jar.filename

    def fetch(self, jar: Jar, received: Received) -> None:
        """Write the jar to its path, unchecked."""
        self._received.call = received
        self._artifact(jar).resolve()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one jar."""

    jar: Jar
    error: Exception | None


class Download:
    """One run over many jars."""

    def __init__(self, source: Source, jars: Sequence[Jar]) -> None:
        self._source = source
        self._waiting: queue.SimpleQueue[Jar] = queue.SimpleQueue()
        self._outcomes: queue.SimpleQueue[Outcome] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._received = dict.fromkeys(jars, 0)
        self._total = sum(jar.size for jar in jars)
        for jar in sorted(jars, key=lambda jar: -jar.size):
            self._waiting.put(jar)

    def run(self, report: Report) -> None:
        """Fetch every jar, or raise LocalDatabaseError about the first that cannot be had.

        Ends within seconds when `report` raises or the user interrupts: the threads are daemons, so
        that one stuck in a silent connection cannot hold up the end of the program.
        """
        threads = [
            threading.Thread(target=self._work, name=f"{LABEL} {number}", daemon=True)
            for number in range(THREADS)
        ]
        for thread in threads:
            thread.start()
        try:
            self._follow(report)
        finally:
            self._stop.set()
            for thread in threads:
                thread.join(timeout=1)

    def _follow(self, report: Report) -> None:
        missing = len(self._received)
        while missing:
            report(Step(LABEL, sum(self._received.values()), self._total, "bytes"))
            try:
                outcome = self._outcomes.get(timeout=REPORT_SECONDS)
            except queue.Empty:
                continue
            if outcome.error:
                raise LocalDatabaseError(_sentence(outcome, self._source)) from outcome.error
            missing -= 1
        report(Step(LABEL, self._total, self._total, "bytes"))

    def _work(self) -> None:
        while not self._stop.is_set():
            try:
                jar = self._waiting.get_nowait()
            except queue.Empty:
                return
            self._outcomes.put(Outcome(jar, self._tries(jar)))

    def _tries(self, jar: Jar) -> Exception | None:
        error: Exception | None = None
        for attempt in range(TRIES):
            if attempt:
                self._stop.wait(PAUSE_SECONDS * 2**attempt)
            error = self._once(jar)
            if error is None or self._stop.is_set() or getattr(error, "errno", None) in FULL:
                break
        return error

    def _once(self, jar: Jar) -> Exception | None:
        path = self._source.path(jar)
        try:
            self._source.fetch(jar, lambda size: self._count(jar, size))
            if jar.is_at(path):
                self._received[jar] = jar.size
                return None
            fault: Exception = TornJarError(jar.filename)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller's thread raises it
            fault = error
        self._received[jar] = 0
        path.unlink(missing_ok=True)
        return fault

    def _count(self, jar: Jar, size: int) -> None:
        if self._stop.is_set():
            raise Stopped
        self._received[jar] = min(self._received[jar] + size, jar.size)


class TornJarError(Exception):
    """A jar arrived with another size or checksum than the pinned one."""


def _sentence(outcome: Outcome, source: Source) -> str:
    import requests

    name, error = outcome.jar.filename, outcome.error
    if isinstance(error, TornJarError):
        return (
            f"{name} arrived damaged {TRIES} times: what the repository sends is not the jar that this "
            "version was built for; start again, or name another mirror."
        )
    if isinstance(error, requests.RequestException):
        return (
            f"Neo4j cannot be downloaded ({type(error).__name__} for {name}); the first start needs "
            "the network: connect and start again, or name a mirror that can be reached."
        )
    if isinstance(error, OSError):
        return sentence_for(error, source.path(outcome.jar).parent)
    return f"The package repository does not have {name}; start again later, or name another mirror."
