"""One start of Neo4j on a locked home: from nothing to an authenticated answer."""

from __future__ import annotations

import socket
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from graph_api.errors import LocalDatabaseError
from graph_api.neo4j_local.child import Child
from graph_api.neo4j_local.config import HOST, Jvm, neo4j_conf
from graph_api.neo4j_local.connection import Connection
from graph_api.neo4j_local.faults import PortTakenError, Story, Tail
from graph_api.neo4j_local.files import write_whole
from graph_api.neo4j_local.progress import Report, Step

if TYPE_CHECKING:
    from graph_api.neo4j_local.home import Home
    from graph_api.neo4j_local.java import Program

LOOK_SECONDS: Final = 0.1
ANSWER_SECONDS: Final = 20.0
PORT_TRIES: Final = 3
LABEL: Final = "Starting Neo4j"


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What a start needs; `seconds` bounds it, `lock` is the descriptor that holds the home."""

    home: Home
    program: Program
    jvm: Jvm
    port: int | None
    lock: int
    seconds: float
    report: Report

    def run(self) -> tuple[Child, Connection]:
        """Start Neo4j and return it once it answers; on every fault or interruption nothing is left running.

        Raises LocalDatabaseError, PortTakenError among them.
        """
        port = self._free_port()
        password = self.home.password()
        if not self.home.has_store:
            self.report(Step(LABEL, 0, 0, "seconds"))
            self.program.set_initial_password(password, lock=self.lock)
        return self._try(port, password, PORT_TRIES)

    def _try(self, port: int, password: str, tries: int) -> tuple[Child, Connection]:
        try:
            return self._once(port, password)
        except PortTakenError:
            # Somebody may have taken a port that was free when we looked; a fixed one stays taken.
            if self.port or tries == 1:
                raise
        return self._try(self._free_port(), password, tries - 1)

    def _free_port(self) -> int:
        with socket.socket() as probe:
            # As Java will: a port in TIME_WAIT after the last stop is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, self.port or 0))
            except OSError as error:
                raise PortTakenError(self.port or 0) from error
            port: int = probe.getsockname()[1]
            return port

    def _once(self, port: int, password: str) -> tuple[Child, Connection]:
        write_whole(self.home.conf, neo4j_conf(port=port, jvm=self.jvm))
        story = Story(self.home, self.program.library, port, Tail.of(self.home.server_log))
        connection = Connection(uri=f"bolt://{HOST}:{port}", password=password)
        child = Child.spawn(
            self.program.server(self.jvm),
            home=self.home,
            environment=self.program.environment,
            lock=self.lock,
        )
        try:
            Waiting(self, child, story).until_it_answers(connection)
        except BaseException:
            child.stop()
            raise
        return child, connection


class Waiting:
    """The wait for one child."""

    def __init__(self, launch: Launch, child: Child, story: Story) -> None:
        self._launch = launch
        self._child = child
        self._story = story
        self._begun = time.monotonic()

    def until_it_answers(self, connection: Connection) -> None:
        """Return when the log says so and a driver can open a transaction; raise LocalDatabaseError else."""
        import neo4j  # noqa: F401 - loaded while Java starts, so that it costs no time after

        while not self._story.started:
            self._look_again(self._launch.seconds, "did not start")
        limit = self._seconds + ANSWER_SECONDS
        while (refusal := self._refusal(connection)) is not None:
            self._look_again(limit, f"started and does not answer ({refusal})")

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._begun

    def _look_again(self, limit: float, complaint: str) -> None:
        self._launch.report(Step(LABEL, int(self._seconds), 0, "seconds"))
        if not self._child.running:
            raise self._story.fault(f"ended while starting ({self._child.ending})")
        if fault := self._story.known_fault():
            raise fault
        if self._seconds > limit:
            raise self._story.fault(f"{complaint} within {limit:.0f} seconds")
        time.sleep(LOOK_SECONDS)

    def _refusal(self, connection: Connection) -> Exception | None:
        from neo4j.exceptions import AuthError, DriverError, Neo4jError

        try:
            connection.verify()
        except AuthError as error:
            raise wrong_password(self._launch.home) from error
        except (DriverError, Neo4jError) as error:
            return error
        return None


def wrong_password(home: Home) -> LocalDatabaseError:
    """Return the error for a password file that does not fit its store."""
    return LocalDatabaseError(
        f"The password in {home.password_file} does not open the database in {home.root}; "
        "put the right one back, or delete the database with a reset."
    )
