"""How to reach a running Neo4j, and whether it answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

USER: Final = "neo4j"
DATABASE: Final = "neo4j"
ANSWER_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """What a driver needs; the password never shows in a log or a traceback."""

    uri: str
    user: str = USER
    password: str = field(repr=False)

    def verify(self) -> None:
        """Open a transaction on the user database and close it.

        Raises the driver's errors: AuthError for a wrong password, others while it is not available.
        """
        from neo4j import GraphDatabase  # 0.3 s that `--help` does not have to wait for

        with (
            GraphDatabase.driver(
                self.uri,
                auth=(self.user, self.password),
                connection_timeout=ANSWER_SECONDS,
                connection_acquisition_timeout=ANSWER_SECONDS,
            ) as driver,
            driver.session(database=DATABASE) as session,
            session.begin_transaction() as transaction,
        ):
            transaction.rollback()
