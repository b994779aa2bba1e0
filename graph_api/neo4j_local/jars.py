"""The library folder that Java runs from: every pinned jar, checked once, then trusted without a network."""

from __future__ import annotations

import os
import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from graph_api.neo4j_local.download import Download, Repository, Source
from graph_api.neo4j_local.files import in_words, lock_holder, try_lock
from graph_api.neo4j_local.pins import Pins
from graph_api.neo4j_local.progress import Report, Step

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from graph_api.neo4j_local.pins import Jar

COMPLETE: Final = ".complete"
LOCK: Final = ".lock"
WAIT_SECONDS: Final = 0.2


class Jars:
    """The jars of one pinned list in a cache folder that several databases share."""

    def __init__(self, *, cache: Path, mirror: str | None = None, pins: Pins | None = None) -> None:
        self._cache = cache
        self._mirror = mirror
        self._pins = pins or Pins.read()

    @property
    def library(self) -> Path:
        """The folder to put on the class path; complete only after `ensure`."""
        return self._cache / f"lib-{self._pins.digest}"

    @property
    def complete(self) -> bool:
        """Whether the library has its mark and every jar its size."""
        if not (self.library / COMPLETE).is_file():
            return False
        try:
            sizes = {entry.name: entry.stat().st_size for entry in os.scandir(self.library)}
        except OSError:
            return False
        return all(sizes.get(jar.filename) == jar.size for jar in self._pins.jars)

    def ensure(self, report: Report) -> Path:
        """Return the complete library, downloading what it lacks.

        Raises LocalDatabaseError without a network, for a jar that stays damaged, and for a full disk.
        """
        if self.complete:
            return self.library
        with in_words(self._cache):
            self._cache.mkdir(parents=True, exist_ok=True)
            with self._alone(report):
                if not self.complete:
                    self._fill(report)
        return self.library

    @contextmanager
    def _alone(self, report: Report) -> Iterator[None]:
        path, begun = self._cache / LOCK, time.monotonic()
        while (lock := try_lock(path)) is None:
            waited = int(time.monotonic() - begun)
            report(Step(f"Waiting for the download of process {lock_holder(path)}", waited, 0, "seconds"))
            time.sleep(WAIT_SECONDS)
        try:
            yield
        finally:
            os.close(lock)

    def _fill(self, report: Report) -> None:
        source = Repository(self._cache / "maven", self._mirror)
        missing = [jar for jar in self._pins.jars if not _kept(source, jar)]
        if missing:
            Download(source, missing).run(report)
        shutil.rmtree(self.library, ignore_errors=True)
        self.library.mkdir()
        for jar in self._pins.jars:
            _place(source.path(jar), self.library / jar.filename)
        (self.library / COMPLETE).touch()


def _kept(source: Source, jar: Jar) -> bool:
    path = source.path(jar)
    if jar.is_at(path):
        return True
    path.unlink(missing_ok=True)
    return False


def _place(jar: Path, link: Path) -> None:
    try:
        link.hardlink_to(jar)
    except OSError:
        # Some file systems have no hard links; a copy costs space, never correctness.
        shutil.copyfile(jar, link)
