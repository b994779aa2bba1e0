"""Jars from a repository of our own: checked, refetched when torn, and needed once."""

from __future__ import annotations

import errno
import gc
import hashlib
import os
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from graph_api.errors import LocalDatabaseError
from graph_api.neo4j_local import Step, download, silent
from graph_api.neo4j_local.files import try_lock
from graph_api.neo4j_local.jars import COMPLETE, LOCK, Jars
from graph_api.neo4j_local.pins import Jar, Pins

if TYPE_CHECKING:
    from collections.abc import Iterator

# jgo leaves the response of an interrupted or refused request to the garbage collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"
)

CONTENTS = {"one": b"1" * 50_000, "two": b"2" * 20_000, "three": b"3" * 300}


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder and prints nothing."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def pin(name: str) -> Jar:
    content = CONTENTS[name]
    classifier = "linux" if name == "two" else ""
    return Jar("org.example", name, "1.0", classifier, hashlib.sha256(content).hexdigest(), len(content))


PINS = Pins(jars=tuple(pin(name) for name in CONTENTS), digest="test")


class Repository:
    """A folder laid out as package repositories are, and its address."""

    def __init__(self, folder: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._folder = folder
        for jar in PINS.jars:
            path = self.path(jar)
            path.parent.mkdir(parents=True)
            path.write_bytes(CONTENTS[jar.artifact])

    def path(self, jar: Jar) -> Path:
        """Where the repository keeps a jar."""
        return self._folder / "org" / "example" / jar.artifact / jar.version / jar.filename


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    monkeypatch.setattr(download, "PAUSE_SECONDS", 0)
    folder = tmp_path / "repository"
    folder.mkdir()
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield Repository(folder, server.server_address[1])
        server.shutdown()
        thread.join()
    gc.collect()  # so that what jgo left is found here, not in somebody else's test


@pytest.fixture
def jars(repository: Repository, tmp_path: Path) -> Jars:
    return Jars(cache=tmp_path / "cache", mirror=repository.url, pins=PINS)


def kept(jars: Jars, jar: Jar) -> Path:
    """Where the downloader keeps a jar, of which the library has a link."""
    return jars._cache / "maven" / "org" / "example" / jar.artifact / jar.version / jar.filename


def without_network(jars: Jars, port: int) -> Jars:
    return Jars(cache=jars._cache, mirror=f"http://127.0.0.1:{port}", pins=PINS)


def test_every_jar_arrives_whole_and_progress_counts_its_bytes(jars: Jars) -> None:
    steps: list[Step] = []
    library = jars.ensure(steps.append)
    assert {path.name: path.read_bytes() for path in library.glob("*.jar")} == {
        jar.filename: CONTENTS[jar.artifact] for jar in PINS.jars
    }
    counts = [step.done for step in steps]
    assert counts == sorted(counts)
    assert steps[-1] == Step("Downloading Neo4j", 70_300, 70_300, "bytes")
    assert {step.total for step in steps} == {70_300}


def test_the_second_time_needs_no_network(jars: Jars, closed_port: int) -> None:
    library = jars.ensure(silent)
    assert without_network(jars, closed_port).ensure(silent) == library


def test_without_a_network_the_sentence_says_so_and_nothing_counts_as_complete(
    jars: Jars, closed_port: int
) -> None:
    offline = without_network(jars, closed_port)
    with pytest.raises(LocalDatabaseError, match=r"cannot be downloaded .* connect and start again"):
        offline.ensure(silent)
    assert not offline.complete
    assert jars.ensure(silent) == offline.library


@pytest.mark.parametrize("content", [b"short", b"x" * 50_000], ids=["truncated", "other bytes"])
def test_a_jar_that_stays_damaged_is_refused_by_name_and_removed(
    jars: Jars, repository: Repository, content: bytes
) -> None:
    jar = PINS.jars[0]
    repository.path(jar).write_bytes(content)
    with pytest.raises(LocalDatabaseError, match=r"one-1.0.jar arrived damaged 3 times"):
        jars.ensure(silent)
    assert not jars.complete
    assert not kept(jars, jar).exists()
    repository.path(jar).write_bytes(CONTENTS["one"])
    assert jar.is_at(jars.ensure(silent) / jar.filename)


def test_a_jar_that_is_damaged_once_is_fetched_again(jars: Jars, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch = download.Repository.fetch
    torn: list[Jar] = []

    def fetch_torn_first(self: download.Repository, jar: Jar, received: download.Received) -> None:
        fetch(self, jar, received)
        if not torn:
            torn.append(jar)
            self.path(jar).write_bytes(b"torn")

    monkeypatch.setattr(download.Repository, "fetch", fetch_torn_first)
    library = jars.ensure(silent)
    assert torn
    assert all(jar.is_at(library / jar.filename) for jar in PINS.jars)


def test_a_file_that_a_killed_download_left_torn_is_fetched_again(jars: Jars) -> None:
    jar = PINS.jars[0]
    kept(jars, jar).parent.mkdir(parents=True)
    kept(jars, jar).write_bytes(CONTENTS["one"][:777])
    assert jar.is_at(jars.ensure(silent) / jar.filename)


def test_a_jar_that_the_repository_lacks_is_named(jars: Jars, repository: Repository) -> None:
    repository.path(PINS.jars[1]).unlink()
    with pytest.raises(LocalDatabaseError, match=r"does not have two-1.0-linux.jar"):
        jars.ensure(silent)


@pytest.mark.parametrize("lost", [PINS.jars[2].filename, COMPLETE])
def test_a_library_that_lost_a_file_is_laid_again_without_a_network(
    jars: Jars, closed_port: int, lost: str
) -> None:
    (jars.ensure(silent) / lost).unlink()
    assert not jars.complete
    without_network(jars, closed_port).ensure(silent)
    assert jars.complete


def test_where_no_link_can_be_made_the_jars_are_copied(jars: Jars, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_link: Path, _target: Path) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    library = jars.ensure(silent)
    assert all(jar.is_at(library / jar.filename) for jar in PINS.jars)


def test_a_full_disk_is_said_so_at_the_first_try(jars: Jars, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[Jar] = []

    def fill_the_disk(_self: object, jar: Jar, _received: download.Received) -> None:
        tries.append(jar)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download.Repository, "fetch", fill_the_disk)
    with pytest.raises(LocalDatabaseError, match=r"The disk that holds .* is full; free some space"):
        jars.ensure(silent)
    assert len(tries) == len(set(tries))


def test_ctrl_c_during_a_download_leaves_nothing_torn(jars: Jars, closed_port: int) -> None:
    def interrupt(_step: Step) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        jars.ensure(interrupt)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith(download.LABEL)]
    assert all(jar.is_at(kept(jars, jar)) for jar in PINS.jars if kept(jars, jar).exists())
    assert not jars.complete
    jars.ensure(silent)
    assert without_network(jars, closed_port).complete


def test_two_downloads_into_one_cache_take_turns(jars: Jars) -> None:
    jars._cache.mkdir()
    lock = try_lock(jars._cache / LOCK)
    assert lock is not None
    waits: list[str] = []

    def let_go(step: Step) -> None:
        if "Waiting" in step.label and not waits:
            waits.append(step.label)
            os.close(lock)

    jars.ensure(let_go)
    assert waits == [f"Waiting for the download of process {os.getpid()}"]
    assert jars.complete


def test_the_real_pins_are_whole_and_have_no_two_jars_of_one_name() -> None:
    pins = Pins.read()
    assert len({jar.filename for jar in pins.jars}) == len(pins.jars) == 157
    assert pins.size == 119_491_160
    assert all(len(bytes.fromhex(jar.sha256)) == 32 for jar in pins.jars)
