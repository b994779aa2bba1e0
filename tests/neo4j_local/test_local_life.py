"""The life of a real server: starts, stops, violent ends, and what is there afterwards."""

from __future__ import annotations

import os
import signal
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from neo4j.exceptions import AuthError

from graph_api.errors import LocalDatabaseError
from graph_api.neo4j_local import Connection, Step

from .conftest import eventually, run

if TYPE_CHECKING:
    from pathlib import Path

    from graph_api.neo4j_local import Running

    from .conftest import Site


def running(site: Site) -> Running:
    found = site.handle().status().running
    assert found
    return found


def test_it_answers_as_the_neo4j_that_is_pinned(site: Site) -> None:
    rows = run(site.running(), "CALL dbms.components() YIELD name, versions, edition RETURN *")
    kernel = next(row for row in rows if row["name"] == "Neo4j Kernel")
    assert (kernel["versions"], kernel["edition"]) == ([running(site).version], "community")


def test_the_default_password_is_refused(site: Site) -> None:
    with pytest.raises(AuthError):
        Connection(uri=site.running().uri, password="neo4j").verify()


def test_the_password_is_private_and_shown_nowhere(site: Site) -> None:
    connection = site.running()
    assert (site.home / "password").stat().st_mode & 0o777 == 0o600
    assert connection.password not in repr(connection)
    written = [site.home / "state.json", *site.home.glob("conf/*"), *site.home.glob("logs/*")]
    assert not [file for file in written if connection.password.encode() in file.read_bytes()]


def test_it_listens_on_the_loopback_interface_alone(site: Site) -> None:
    port = int(site.running().uri.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=5):
        pass
    with socket.socket(socket.AF_INET) as other, pytest.raises(ConnectionRefusedError):
        other.connect(("127.0.0.2", port))


def test_a_second_handle_attaches_and_its_stop_ends_nothing(site: Site) -> None:
    second = site.handle()
    assert second.start() == site.running()
    second.stop()
    assert running(site).java.alive


def test_a_server_that_another_process_needs_is_neither_shut_down_nor_reset(site: Site) -> None:
    site.running()
    for end in (site.handle().shutdown, site.handle().reset):
        with pytest.raises(LocalDatabaseError, match=f"belongs to process {os.getpid()}; stop that process"):
            end()
    assert running(site).java.alive


def test_the_status_tells_sizes_and_processes(site: Site) -> None:
    site.running()
    status = site.handle().status()
    assert status.running
    assert (status.running.owner, status.running.detached) == (os.getpid(), False)
    assert 1_000_000 < status.disk < 100_000_000
    assert status.memory is None or 100_000_000 < status.memory < 1_000_000_000


def test_a_process_of_the_same_number_is_not_taken_for_the_server(site: Site) -> None:
    site.running()
    home, found = site.local._home, running(site)
    told = home.state_file.read_text()
    try:
        home.tell(replace(found, java=replace(found.java, began="another time")))
        assert site.handle().attach() is None
        home.state_file.write_text("{")
        assert site.handle().attach() is None
    finally:
        home.state_file.write_text(told)


def test_rows_outlive_kill_9_of_java(site: Site) -> None:
    site.write("committed before the kill of java")
    java = running(site).java
    os.kill(java.pid, signal.SIGKILL)
    assert eventually(lambda: not java.alive, seconds=5)
    assert "committed before the kill of java" in site.values()


def test_rows_outlive_a_stop_and_a_detached_server_outlives_its_parent(site: Site) -> None:
    site.write("committed before the stop")
    java = running(site).java
    begun = time.monotonic()
    site.local.stop()
    assert time.monotonic() - begun < 5
    assert not java.alive
    assert site.handle().status().running is None

    assert site.parent("detached").wait(10) == 0
    assert "committed before the stop" in site.values()
    site.local.stop()
    found = running(site)
    assert found.detached
    assert site.handle().shutdown()
    assert not found.java.alive
    assert not found.guard.alive
    assert not site.handle().shutdown()


def test_kill_9_of_the_parent_ends_java_and_keeps_its_rows(site: Site) -> None:
    site.local.stop()
    helper = site.parent()
    found = running(site)
    assert found.owner == helper.pid
    site.write("committed before the kill of the parent")
    helper.kill()
    helper.wait()
    assert eventually(lambda: not found.java.alive, seconds=5)
    assert "committed before the kill of the parent" in site.values()


def test_a_wrong_password_is_said_so_and_nothing_is_left_running(site: Site) -> None:
    site.running()
    site.local.stop()
    file = site.home / "password"
    right = file.read_text()
    file.write_text("not the password\n")
    try:
        with pytest.raises(LocalDatabaseError, match=r"does not open the database in .*; put the right one"):
            site.handle().start()
    finally:
        file.write_text(right)
    assert site.handle().status().running is None


def test_ctrl_c_during_a_start_leaves_nothing_running(site: Site) -> None:
    site.local.stop()
    pids = []

    def interrupt(step: Step) -> None:
        if site.home.joinpath("logs", "neo4j.log").exists() and step.label == "Starting Neo4j":
            pids.append(step.done)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        site.local.start(progress=interrupt)
    assert pids
    with site.local._home.console_log.open() as log:
        assert "Traceback" not in log.read()
    lock = site.local._home.lock()
    assert lock is not None, "a Java or a guard that still runs would hold it"
    os.close(lock)


def test_a_fixed_port_that_is_taken_is_said_so(site: Site) -> None:
    site.local.stop()
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(LocalDatabaseError, match=f"Port {port} of 127.0.0.1 is in use"):
            site.handle(port=port).start()


def test_a_locked_home_names_the_process_that_holds_it(site: Site) -> None:
    site.local.stop()
    site.home.mkdir(exist_ok=True)
    lock = site.local._home.lock()
    assert lock is not None
    try:
        with pytest.raises(LocalDatabaseError, match=f"is locked by process {os.getpid()}, which"):
            site.handle(lock_seconds=0.3).start()
    finally:
        os.close(lock)


def test_a_package_repository_out_of_reach_is_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    from graph_api.neo4j_local import LocalNeo4j

    monkeypatch.setattr("graph_api.neo4j_local.download.PAUSE_SECONDS", 0)
    local = LocalNeo4j(home=tmp_path / "h", cache=tmp_path / "c", mirror=f"http://127.0.0.1:{closed_port}")
    with pytest.raises(LocalDatabaseError, match=r"cannot be downloaded .* needs the network"):
        local.start()
    assert local.status().running is None
