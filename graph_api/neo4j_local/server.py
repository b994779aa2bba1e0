"""A real Neo4j Community as a process of ours: no Docker, no system Java."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from graph_api.errors import LocalDatabaseError
from graph_api.neo4j_local.child import MARGIN_SECONDS
from graph_api.neo4j_local.connection import Connection
from graph_api.neo4j_local.files import in_words
from graph_api.neo4j_local.guard import KILL_AFTER_SECONDS
from graph_api.neo4j_local.home import Home, Running
from graph_api.neo4j_local.jars import Jars
from graph_api.neo4j_local.java import Program, java_binary
from graph_api.neo4j_local.launch import Launch, wrong_password
from graph_api.neo4j_local.pins import NEO4J_VERSION
from graph_api.neo4j_local.process import Process
from graph_api.neo4j_local.progress import Report, Step, silent

if TYPE_CHECKING:
    from pathlib import Path

    from graph_api.neo4j_local.child import Child
    from graph_api.neo4j_local.config import Jvm

START_SECONDS: Final = 120.0
LOCK_SECONDS: Final = 60.0
LOOK_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """What is known of one home; sizes in bytes, `memory` None where the system does not tell."""

    home: Path
    log: Path
    disk: int
    memory: int | None
    running: Running | None


class LocalNeo4j:
    """The database of one home folder; a handle is used by one thread.

    `home` holds the data, `cache` the jars that many homes share. `mirror` is a package repository's
    address to use instead of the default one. Without a `port` a free one is chosen. `start_seconds`
    bounds the wait for Neo4j itself, `lock_seconds` the wait for another process that is starting or
    stopping on the same home.
    """

    def __init__(
        self,
        *,
        home: Path,
        cache: Path,
        mirror: str | None = None,
        port: int | None = None,
        jvm: Jvm = "small",
        start_seconds: float = START_SECONDS,
        lock_seconds: float = LOCK_SECONDS,
    ) -> None:
        self._home = Home(home.absolute())
        self._jars = Jars(cache=cache.absolute(), mirror=mirror)
        self._port = port
        self._jvm = jvm
        self._start_seconds = start_seconds
        self._lock_seconds = lock_seconds
        self._child: Child | None = None

    def start(self, *, progress: Report = silent, detached: bool = False) -> Connection:
        """Attach to the server that runs on this home, or start one; return how to reach it.

        A server that this starts ends with this process, in whatever way it ends, unless `detached`.
        The first start downloads 120 MB. Interrupted, it leaves nothing running and nothing half done.
        Raises LocalDatabaseError with one sentence that says what to do.
        """
        with in_words(self._home.root):
            return self.attach() or self._start(progress, detached)

    def attach(self) -> Connection | None:
        """Return how to reach the server that runs on this home; None when none does, or none answers.

        Raises LocalDatabaseError when it refuses the password in the home.
        """
        running = self._home.running()
        if running is None:
            return None
        from neo4j.exceptions import AuthError, DriverError, Neo4jError

        connection = Connection(uri=running.uri, password=self._home.password())
        try:
            connection.verify()
        except AuthError as error:
            raise wrong_password(self._home) from error
        except (DriverError, Neo4jError):
            return None
        return connection

    def stop(self) -> None:
        """End the server that this handle started, within 5 seconds as a rule; leave any other running."""
        if self._child:
            self._child.stop()
            self._child = None

    def shutdown(self) -> bool:
        """End the server of this home, also a detached one of another process; False when none runs.

        Raises LocalDatabaseError when it belongs to another running process, which needs it.
        """
        if self._child:
            self.stop()
            return True
        running = self._home.running()
        if running is None:
            return False
        if not running.detached:
            raise LocalDatabaseError(
                f"The database in {self._home.root} belongs to process {running.owner}; stop that process."
            )
        self._end(running)
        return True

    def status(self) -> Status:
        """Return what runs on this home and how large it is."""
        running = self._home.running()
        return Status(
            home=self._home.root,
            log=self._home.server_log,
            disk=self._home.size(),
            memory=running.java.memory if running else None,
            running=running,
        )

    def reset(self) -> None:
        """Delete the database, its password and its logs; the jars stay.

        Ends the server first. Raises LocalDatabaseError when another process needs it or holds the home.
        """
        if not self._home.root.exists():
            return
        self.shutdown()
        with in_words(self._home.root):
            lock = self._home.lock()
            if lock is None:
                raise self._locked()
            try:
                self._home.wipe()
            finally:
                os.close(lock)

    def __enter__(self) -> Connection:
        """Start or attach, without progress."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """End what was started."""
        self.stop()

    def _start(self, progress: Report, detached: bool) -> Connection:
        java = java_binary()
        library = self._jars.ensure(progress)
        self.stop()  # a child of ours that has died: its guard is still to be waited for
        self._home.prepare()
        lock = self._lock_or_attach(progress)
        if isinstance(lock, Connection):
            return lock
        try:
            self._home.forget()
            launch = Launch(
                home=self._home,
                program=Program(java, library, self._home),
                jvm=self._jvm,
                port=self._port,
                lock=lock,
                seconds=self._start_seconds,
                report=progress,
            )
            return self._keep(*launch.run(), detached)
        finally:
            os.close(lock)

    def _lock_or_attach(self, progress: Report) -> int | Connection:
        begun = time.monotonic()
        while (lock := self._home.lock()) is None:
            if found := self.attach():
                return found
            waited = time.monotonic() - begun
            if waited > self._lock_seconds:
                raise self._locked()
            progress(Step(f"Waiting for process {self._home.holder}", int(waited), 0, "seconds"))
            time.sleep(LOOK_SECONDS)
        return lock

    def _locked(self) -> LocalDatabaseError:
        running = self._home.running()
        holder = running.java.pid if running else self._home.holder
        return LocalDatabaseError(
            f"{self._home.root} is locked by process {holder}, which is starting or stopping its "
            "database; wait for it or stop it, or choose another home."
        )

    def _keep(self, child: Child, connection: Connection, detached: bool) -> Connection:
        self._child = child
        try:
            self._home.tell(
                Running(
                    uri=connection.uri,
                    java=Process.named(child.java_pid),
                    guard=Process.named(child.guard_pid),
                    owner=os.getpid(),
                    detached=detached,
                    jvm=self._jvm,
                    version=NEO4J_VERSION,
                    since=datetime.now(UTC),
                )
            )
        except BaseException:
            self.stop()
            raise
        if detached:
            child.detach()
            self._child = None
        return connection

    def _end(self, running: Running) -> None:
        first = running.guard if running.guard.alive else running.java
        deadline = time.monotonic() + KILL_AFTER_SECONDS + MARGIN_SECONDS
        first.signal(signal.SIGTERM)
        while running.java.alive or running.guard.alive:
            if time.monotonic() > deadline:
                running.java.signal(signal.SIGKILL)
            time.sleep(LOOK_SECONDS)
