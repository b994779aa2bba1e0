"""The folder of one database: where each file lies, its password, its lock and who runs it."""

from __future__ import annotations

import json
import secrets
import shutil
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from graph_api.errors import LocalDatabaseError
from graph_api.neo4j_local.files import lock_holder, try_lock, write_whole
from graph_api.neo4j_local.process import Process

if TYPE_CHECKING:
    from pathlib import Path

OURS: Final = ("conf", "logs", "run", "data.old")


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A server that runs on a home, as its state file tells others.

    `owner` is the process that it ends with, `detached` that there is none any more; `since` is the
    moment it was ready, with its time zone.
    """

    uri: str
    java: Process
    guard: Process
    owner: int
    detached: bool
    jvm: str
    version: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Home:
    """The layout of one home folder; nothing is touched before `prepare`."""

    root: Path

    @property
    def conf(self) -> Path:
        """Neo4j's configuration, written anew by every start."""
        return self.root / "conf" / "neo4j.conf"

    @property
    def data(self) -> Path:
        """The store itself."""
        return self.root / "data"

    @property
    def server_log(self) -> Path:
        """What Neo4j tells its users; it grows over many starts."""
        return self.root / "logs" / "neo4j.log"

    @property
    def console_log(self) -> Path:
        """What Java printed since the last start."""
        return self.root / "logs" / "console.log"

    @property
    def password_file(self) -> Path:
        """The password of the user neo4j, readable by the owner alone."""
        return self.root / "password"

    @property
    def state_file(self) -> Path:
        """Who runs here now; removed by the guard, believed only while its processes live."""
        return self.root / "state.json"

    @property
    def lock_file(self) -> Path:
        """Locked by Java, its guard and whoever is starting them."""
        return self.root / "lock"

    @property
    def has_store(self) -> bool:
        """Whether Neo4j has ever begun to start here, after which the password is settled."""
        return (self.data / "databases" / "system").exists()

    def prepare(self) -> None:
        """Make the folders, private to the owner and ignored by git."""
        self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
        for folder in (self.conf.parent, self.server_log.parent):
            folder.mkdir(exist_ok=True)
        ignored = self.root / ".gitignore"
        if not ignored.exists():
            ignored.write_text("*\n")

    def lock(self) -> int | None:
        """Lock the home; return the descriptor to pass on and close, or None when somebody holds it."""
        return try_lock(self.lock_file)

    @property
    def holder(self) -> int | None:
        """The process that locked the home last, as far as the lock tells."""
        return lock_holder(self.lock_file)

    def password(self) -> str:
        """Return the password, made before the first start.

        Raises LocalDatabaseError when there is a store and its password is lost.
        """
        if self.password_file.exists():
            return self.password_file.read_text().strip()
        if self.has_store:
            raise LocalDatabaseError(
                f"The password file {self.password_file} is gone and the database cannot be opened "
                "without it; put it back, or delete the database with a reset."
            )
        # Hexadecimal: no character that a command line or a URI could take for something else.
        password = secrets.token_hex(16)
        write_whole(self.password_file, password + "\n")
        return password

    def running(self) -> Running | None:
        """Return the server that the state file names, if that very process still runs."""
        try:
            row = json.loads(self.state_file.read_text())
            running = Running(
                java=Process(**row.pop("java")),
                guard=Process(**row.pop("guard")),
                since=datetime.fromisoformat(row.pop("since")),
                **row,
            )
        except (OSError, ValueError, TypeError, KeyError, AttributeError):
            return None  # absent, or of another version: nobody that we could attach to
        return running if running.java.alive else None

    def tell(self, running: Running) -> None:
        """Write the state file for others to attach to."""
        write_whole(self.state_file, json.dumps({**asdict(running), "since": running.since.isoformat()}))

    def forget(self) -> None:
        """Remove what a killed guard or an interrupted wipe left behind; the caller holds the lock."""
        self.state_file.unlink(missing_ok=True)
        shutil.rmtree(self.root / "data.old", ignore_errors=True)

    def wipe(self) -> None:
        """Delete the database with its password and logs; the caller holds the lock.

        The store goes first and in one step, so that an interrupted wipe never leaves half of it.
        """
        old = self.root / "data.old"
        shutil.rmtree(old, ignore_errors=True)
        if self.data.exists():
            self.data.rename(old)
        for file in (self.password_file, self.state_file):
            file.unlink(missing_ok=True)
        for name in OURS:
            shutil.rmtree(self.root / name, ignore_errors=True)

    def size(self) -> int:
        """Bytes of all files in the store."""
        total = 0
        for path in self.data.rglob("*"):
            with suppress(OSError):  # Neo4j deletes files while we look
                total += path.stat().st_size
        return total
