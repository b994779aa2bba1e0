"""The one execution point: every statement of the package runs here, and driver errors become ours."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from types import MappingProxyType
from typing import Any, Final, LiteralString, NamedTuple, Self, TypeAlias, TypeVar

from neo4j import (
    READ_ACCESS,
    WRITE_ACCESS,
    AsyncDriver,
    AsyncGraphDatabase,
    AsyncManagedTransaction,
    AsyncResult,
    AsyncSession,
    Query,
    Record,
    RoutingControl,
    exceptions,
    unit_of_work,
)
from neo4j.exceptions import (
    AuthError,
    DriverError,
    Neo4jError,
    ServiceUnavailable,
    SessionExpired,
    TransientError,
)

from graph_api.errors import (
    AccessDenied,
    ConfigurationError,
    MigrationError,
    RoadmapError,
    StoreError,
    Unavailable,
)
from graph_api.store import driver_tables
from graph_api.store.operation import current
from graph_api.store.statement import watched
from graph_api.telemetry.metrics import Metrics

driver_tables.let_go()  # before much else is made, so that what they took goes back to the system

T = TypeVar("T")

Parameters: TypeAlias = Mapping[str, object]

CONNECT_SECONDS: Final = 3.0
RETRY_SECONDS: Final = 2.0  # counted from the first failure, and the waits grow: 3 s in all
POOL_SIZE: Final = 50


class Reading(NamedTuple):
    """A reading statement among several; `each` makes of a record, as it comes, what is kept of it."""

    statement: LiteralString
    parameters: Parameters = MappingProxyType({})
    each: Callable[[Record], Any] = lambda record: record


class Transaction:
    """An open write transaction: runs statements, counts them, and reads its own writes."""

    def __init__(self, transaction: AsyncManagedTransaction, database: Database) -> None:
        self._transaction = transaction
        self._database = database

    async def run(self, statement: LiteralString, **parameters: object) -> list[Record]:
        """All records of one statement."""
        return await self._database.run_in(self._transaction, statement, parameters)

    async def read_all(self, *readings: Reading) -> list[list[Any]]:
        """What is kept of the records of several statements, in their order."""
        return [await self._database.run_in(self._transaction, *reading) for reading in readings]


class Database:
    """A Neo4j server or cluster.

    Reads go to readers and see every earlier write of this process (bookmarks); both kinds are tried
    again on transient faults, for RETRY_SECONDS at the most. Raises Unavailable while the server cannot
    be reached, AccessDenied when it refuses our password, StoreError for anything else it refuses.
    `statements` counts what was sent, for tests; `metrics` measure it.
    """

    def __init__(
        self,
        driver: AsyncDriver,
        *,
        database: str | None = None,
        timeout: float = 10.0,
        metrics: Metrics | None = None,
    ) -> None:
        self._driver = driver
        self._name = database
        self._timeout = timeout
        self.metrics = metrics or Metrics()
        self._bookmarks = AsyncGraphDatabase.bookmark_manager()
        self.statements = 0
        self._idle: dict[str, list[AsyncSession]] = {READ_ACCESS: [], WRITE_ACCESS: []}

    @classmethod
    def connect(
        cls,
        uri: str,
        *,
        user: str,
        password: str,
        database: str | None = None,
        timeout: float = 10.0,
        metrics: Metrics | None = None,
    ) -> Self:
        """A database whose connections are opened when they are needed; nothing is sent yet."""
        with translated():
            driver = AsyncGraphDatabase.driver(
                uri,
                auth=(user, password),
                connection_timeout=CONNECT_SECONDS,
                connection_acquisition_timeout=CONNECT_SECONDS,
                max_transaction_retry_time=RETRY_SECONDS,
                max_connection_pool_size=POOL_SIZE,
                user_agent="roadmap-graph-api",
                notifications_min_severity="OFF",
            )
        return cls(driver, database=database, timeout=timeout, metrics=metrics)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        while idle := self._idle[READ_ACCESS] or self._idle[WRITE_ACCESS]:
            await idle.pop().close()
        await self._driver.close()

    async def verify(self) -> None:
        """Raise unless the server answers and takes our password."""
        with translated():
            await self._driver.verify_connectivity()

    async def read(self, statement: LiteralString, **parameters: object) -> list[Record]:
        """All records of one reading statement, which is a transaction by itself, sent to a reader."""
        async with current().step():
            return await self._alone(READ_ACCESS, statement, parameters)

    async def put(self, statement: LiteralString, **parameters: object) -> list[Record]:
        """All records of one writing statement, which is a transaction by itself.

        It may be made more than once after a transient fault, and so must come to the same then.
        """
        async with current().step():
            return await self._alone(WRITE_ACCESS, statement, parameters)

    async def read_all(self, *readings: Reading) -> list[list[Any]]:
        """What is kept of the records of several statements in one transaction, in their order."""

        async def work(transaction: AsyncManagedTransaction) -> list[list[Any]]:
            return [await self.run_in(transaction, *reading) for reading in readings]

        async with current().step():
            return await self._execute(READ_ACCESS, work)

    async def write(self, work: Callable[[Transaction], Awaitable[T]], *, seals: bool = True) -> T:
        """What `work` returns, after its transaction is committed.

        It may be called again after a transient fault, and its transaction is rolled back when it raises.
        It seals the operation before it commits, unless what it writes is not what its caller asked for.
        Raises OutOfTime, after a rollback, when the operation is ended before that.
        """
        operation = current()

        async def within(transaction: AsyncManagedTransaction) -> T:
            async with operation.step():
                result = await work(Transaction(transaction, self))
            if seals:
                operation.seal()
            return result

        return await self._execute(WRITE_ACCESS, within)

    async def define(self, statement: LiteralString) -> None:
        """Run a statement on constraints or indexes, which Neo4j takes only alone in its transaction."""

        async def work(transaction: AsyncManagedTransaction) -> None:
            await self.run_in(transaction, statement, {})

        await self._execute(WRITE_ACCESS, work)

    async def run_in(
        self,
        transaction: AsyncManagedTransaction,
        statement: LiteralString,
        parameters: Parameters,
        each: Callable[[Record], Any] = lambda record: record,
    ) -> list[Any]:
        """What is kept of all records of a statement in an open transaction of this database."""
        self.statements += 1
        with watched(statement, self.metrics):
            return [each(record) async for record in await transaction.run(statement, dict(parameters))]

    async def _alone(self, access: str, statement: LiteralString, parameters: Parameters) -> list[Record]:
        """All records of a statement that begins and ends its transaction, in one way to the server.

        Who begins and commits goes two or three times. Such a transaction the driver does not try again by
        itself: after a transient fault it is given one that it does, unless the fault was long in coming.
        """
        query, began = Query(statement, timeout=self._timeout), time.monotonic()
        with self._counted(), translated(), watched(statement, self.metrics):
            self.statements += 1
            try:
                async with self._borrowed(access) as session:
                    return await _records(await session.run(query, dict(parameters)))
            except (Neo4jError, DriverError) as error:
                if not error.is_retryable() or time.monotonic() - began > RETRY_SECONDS:
                    raise
            return await self._driver.execute_query(
                query,
                dict(parameters),
                routing_=RoutingControl.READ if access == READ_ACCESS else RoutingControl.WRITE,
                database_=self._name,
                bookmark_manager_=self._bookmarks,
                result_transformer_=_records,
            )

    @asynccontextmanager
    async def _borrowed(self, access: str) -> AsyncIterator[AsyncSession]:
        """A session for one statement: one that served before, since to make and close one takes a while.

        One that has failed, or was left before its end, serves nobody again.
        """
        idle = self._idle[access]
        session = idle.pop() if idle else self._session(access)
        try:
            yield session
        except BaseException:
            await session.__aexit__(*sys.exc_info())  # type: ignore[no-untyped-call]
            raise
        idle.append(session)

    def _session(self, access: str) -> AsyncSession:
        return self._driver.session(
            database=self._name, default_access_mode=access, bookmark_manager=self._bookmarks
        )

    async def _execute(self, access: str, work: Callable[[AsyncManagedTransaction], Awaitable[T]]) -> T:
        timed = unit_of_work(timeout=self._timeout)(work)
        with self._counted(), translated():
            async with self._session(access) as session:
                execute = session.execute_read if access == READ_ACCESS else session.execute_write
                return await execute(timed)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        try:
            with self.metrics.transaction():
                yield
        except StoreError as error:
            self.metrics.failures.labels(error.code).inc()
            raise


async def _records(result: AsyncResult) -> list[Record]:
    return [record async for record in result]


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the driver raises into our errors, each one sentence without an address or a secret."""
    try:
        yield
    except RoadmapError:
        raise
    except AuthError as error:
        raise AccessDenied("The database refuses the user or the password.") from error
    except exceptions.ConfigurationError as error:
        raise ConfigurationError(f"The database address cannot be used: {error}.") from error
    except (ServiceUnavailable, SessionExpired, TransientError, OSError, TimeoutError) as error:
        raise Unavailable("The database cannot be reached now.") from error
    except Neo4jError as error:
        raise _refusal(error) from error
    except DriverError as error:
        raise Unavailable("The database connection failed.") from error


_OUT_OF_TIME: Final[Sequence[str]] = (
    "Neo.ClientError.Transaction.TransactionTimedOut",
    "Neo.ClientError.Transaction.TransactionTimedOutClientConfiguration",
    "Neo.ClientError.Transaction.LockClientStopped",  # it ran out of time while it waited for a lock
)


def _refusal(error: Neo4jError) -> StoreError:
    if error.code in _OUT_OF_TIME:
        return Unavailable("The database took too long to answer.")
    if error.code and error.code.startswith("Neo.ClientError.Security"):
        return AccessDenied("The database refuses our user, its password or its rights.")
    if error.code and error.code.startswith("Neo.DatabaseError"):
        return Unavailable("The database failed.")
    return StoreError(f"The database refused a statement ({error.code}).")


def only(records: Sequence[Record]) -> dict[str, Any]:
    """The one record there must be, as a mapping.

    Raises MigrationError without one: only the catalogue can be missing, and a migration makes it.
    """
    if not records:
        raise MigrationError("The database is not migrated yet.")
    [record] = records
    return record.data()
