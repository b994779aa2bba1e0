"""Every fault is one clear sentence and a non-zero exit, and never a traceback."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from graph_api.neo4j_local import Connection

from .conftest import Result

Run = Callable[..., Result]
Set = pytest.MonkeyPatch


def test_an_address_without_a_password_is_refused(files: Path, run: Run, monkeypatch: Set) -> None:
    monkeypatch.setenv("NEO4J_URI", "bolt://127.0.0.1:7687")
    told = run("import", files)
    assert (told.code, told.err) == (1, "Error: NEO4J_URI is set, so NEO4J_PASSWORD must be set too.\n")


@pytest.mark.parametrize(
    "uri",
    [
        "http://db.example.org",
        "bolt://",
        "bolt://127.0.0.1:99999",
        "bolt://127.0.0.1:0",
        "bolt://127.0.0.1:port",
        "bolt://[::1",
        "bolt:// db",
        "neo4j://127.0.0.1:1,127.0.0.1:2",
        "neo4j://user:secret@db.example.org",
        "bolt://127.0.0.1:9?x=y",
    ],
)
def test_what_is_no_address_is_refused_before_anything_is_sent(
    uri: str, files: Path, run: Run, monkeypatch: Set
) -> None:
    monkeypatch.setenv("NEO4J_URI", uri)
    monkeypatch.setenv("NEO4J_PASSWORD", "x")
    told = run("import", files)
    assert told.code == 1
    assert told.err.startswith("Error: ")
    assert told.err.count("\n") == 1
    assert "secret" not in told.err


@pytest.mark.parametrize("command", ["import", "export"])
def test_a_server_that_is_gone_is_named(
    command: str, closed_port: int, files: Path, run: Run, monkeypatch: Set
) -> None:
    monkeypatch.setattr("graph_api.store.session.RETRY_SECONDS", 0.5)
    monkeypatch.setenv("NEO4J_URI", f"bolt://127.0.0.1:{closed_port}")
    monkeypatch.setenv("NEO4J_PASSWORD", "x")
    told = run(command, files if command == "import" else "baker")
    assert told.code == 1
    assert told.err == (
        f"Error: The database cannot be reached now. NEO4J_URI is bolt://127.0.0.1:{closed_port}.\n"
    )


@pytest.mark.usefixtures("graph")
@pytest.mark.parametrize("arguments", [["export", "baker"], ["serve", "--port", "0"]])
def test_a_wrong_password_is_told(
    arguments: list[str], neo4j: Connection, run: Run, monkeypatch: Set
) -> None:
    monkeypatch.setenv("NEO4J_PASSWORD", "wrong")
    told = run(*arguments)
    assert told.code == 1
    assert told.err == f"Error: The database refuses the user or the password. NEO4J_URI is {neo4j.uri}.\n"


@pytest.mark.parametrize(
    ("name", "value"),
    [("API_PORT", "-1"), ("API_PORT", "many"), ("NEO4J_JVM", "huge"), ("NEO4J_TIMEOUT", "-1")],
)
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str, run: Run, monkeypatch: Set) -> None:
    monkeypatch.setenv(name, value)
    told = run("serve")
    assert told.code == 1
    assert told.err.startswith(f"Error: A setting cannot be used: {name}: ")
    assert told.err.count("\n") == 1


def test_an_option_beats_the_environment(run: Run, monkeypatch: Set) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        monkeypatch.setenv("API_PORT", "1")
        told = run("serve", "--port", port)
    assert told.code == 1
    assert told.err.startswith(f"Error: The API cannot listen on 127.0.0.1:{port}: Address already in use.")


def test_a_port_in_use_is_told_before_anything_is_started(run: Run, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        told = run("serve", "--port", listener.getsockname()[1])
    assert told.code == 1
    assert told.err.count("\n") == 1
    assert not (tmp_path / "home").exists()


def test_faults_of_seed_files_are_told_before_anything_is_started(run: Run, tmp_path: Path) -> None:
    told = run("serve", "--seed", tmp_path / "gone")
    assert told.code == 1
    assert told.err.splitlines()[-1] == "Error: 1 fault; nothing was changed."
    assert not (tmp_path / "home").exists()


def test_a_home_that_cannot_be_is_told_in_one_sentence(run: Run, monkeypatch: Set) -> None:
    monkeypatch.setenv("NEO4J_HOME", "/dev/null/home")
    told = run("db", "start")
    assert (told.code, told.err) == (
        1,
        "Error: The local database cannot use /dev/null/home: Not a directory.\n",
    )
