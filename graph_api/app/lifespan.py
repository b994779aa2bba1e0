"""What a process keeps from its start to its end, and hands to every request."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import AsyncIterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Final, TypedDict

from graph_api.endpoint.answers import Answers
from graph_api.endpoint.execution.parts import Parts
from graph_api.endpoint.observation import Observer
from graph_api.errors import MigrationError, RoadmapError
from graph_api.settings import Settings
from graph_api.store.entities import Entities
from graph_api.store.feed import Feed
from graph_api.store.learners import LearnerStore
from graph_api.store.migrations import migrate
from graph_api.store.past import Archive
from graph_api.store.readiness import Readiness
from graph_api.store.session import POOL_SIZE, Database
from graph_api.store.structure_cache import StructureCache
from graph_api.store.warming import warm_up
from graph_api.store.writer import GraphWriter
from graph_api.telemetry.loop import watched_loop
from graph_api.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from graph_api.endpoint.buckets import Buckets

log = logging.getLogger(__name__)

SOLVER_NICENESS: Final = 10


class State(TypedDict):
    """What the lifespan hands to every request."""

    database: Database
    structures: StructureCache
    writer: GraphWriter
    learners: LearnerStore
    feed: Feed
    archive: Archive
    entities: Entities
    solvers: Executor
    readiness: Readiness


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    metrics: Metrics,
    observer: Observer,
    rates: Buckets | None,
    answers: Answers,
    parts: Parts,
) -> AsyncIterator[State]:
    """The state of a process, from its first request to its last."""
    async with (
        _traced(observer),
        watched_loop(metrics),
        rates or nullcontext(),
        connect(settings, metrics) as database,
    ):
        await _migrate_if_reachable(database)
        with ThreadPoolExecutor(settings.solver_threads, "solver", _step_back) as solvers:
            structures = StructureCache(database, poll=settings.revision_poll)
            entities = Entities(structures.touches, kept=settings.entities_kept)
            metrics.follow(
                lambda: structures.revision,
                structures.age,
                pool=POOL_SIZE,
                sizes={
                    "answers": lambda: answers.held,
                    "parts": lambda: parts.held,
                    "entities": lambda: len(entities),
                },
            )
            async with (
                Feed(database, structures, poll=settings.feed_poll) as feed,
                _warmed(database, asked=settings.warm_up),
            ):
                yield State(
                    database=database,
                    structures=structures,
                    writer=GraphWriter(database, structures),
                    learners=LearnerStore(database),
                    feed=feed,
                    archive=Archive(database),
                    entities=entities,
                    solvers=solvers,
                    readiness=Readiness(database, structures),
                )


def connect(settings: Settings, metrics: Metrics | None = None) -> Database:
    """The database that the settings name. Raises ConfigurationError for an address that is none."""
    assert settings.neo4j_uri is not None  # noqa: S101 - the caller has started a local one otherwise
    assert settings.neo4j_password is not None  # noqa: S101 - Settings.read has checked it
    return Database.connect(
        settings.neo4j_uri,
        user=settings.neo4j_user,
        password=settings.neo4j_password.get_secret_value(),
        database=settings.neo4j_database,
        timeout=settings.neo4j_timeout,
        metrics=metrics,
    )


def _step_back() -> None:
    """Let the event loop go first where both want a processor; only Linux has niceness by thread."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), SOLVER_NICENESS)


@asynccontextmanager
async def _traced(observer: Observer) -> AsyncIterator[None]:
    """Send the last spans at the end, off the event loop."""
    try:
        yield
    finally:
        if observer.traces is not None:
            await asyncio.to_thread(observer.traces.close)


@asynccontextmanager
async def _warmed(database: Database, *, asked: bool) -> AsyncIterator[None]:
    """Warm up beside the first requests, as far as that goes."""
    warming = asyncio.create_task(_warm_if_reachable(database)) if asked else None
    try:
        yield
    finally:
        if warming is not None:
            warming.cancel()
            await asyncio.wait({warming})


async def _warm_if_reachable(database: Database) -> None:
    try:
        await warm_up(database)
    except RoadmapError as error:
        log.info("The database was not warmed up: %s", error)


async def _migrate_if_reachable(database: Database) -> None:
    try:
        await migrate(database)
    except MigrationError:
        raise
    except RoadmapError as error:
        log.warning("The schema was not checked: %s", error)
