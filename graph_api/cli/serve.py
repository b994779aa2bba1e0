"""`graph-api serve`: the database, the content and the API, in one process that ends them all."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import signal
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from graph_api.cli.content import import_documents
from graph_api.cli.files import read_documents
from graph_api.cli.screen import say
from graph_api.errors import ConfigurationError, Unavailable

if TYPE_CHECKING:
    from types import FrameType

    import uvicorn

    from graph_api.knowledge.document import Document
    from graph_api.settings import Settings

GRACE_SECONDS: Final = 2
DRAIN_SECONDS: Final = 10
BACKLOG: Final = 2048
STALLED_SECONDS: Final = 30
SWITCH_SECONDS: Final = 0.0005
GENERATIONS: Final = (2_000, 10, 1_000)
"""New objects, collections of them, and collections of the second generation, until the next one collects."""
LARGE_BYTES: Final = 256 * 1024
_M_MMAP_THRESHOLD: Final = -3  # in malloc.h of glibc
_M_ARENA_MAX: Final = -8
ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - what to open when it listens everywhere

Seed = Annotated[
    list[Path] | None,
    typer.Option(
        help="Roadmap file or folder to import first. May be given again.", metavar="FILE", show_default=False
    ),
]
Host = Annotated[
    str | None,
    typer.Option(
        help="Address to listen on. API_HOST or 127.0.0.1 if left out.", metavar="ADDRESS", show_default=False
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        help="Port to listen on, 0 for a free one. API_PORT or 8000 if left out.",
        metavar="PORT",
        show_default=False,
    ),
]


def serve(seed: Seed = None, host: Host = None, port: Port = None) -> None:
    """Serve the API until Ctrl-C.

    Without NEO4J_URI it works on a local Neo4j, which starts and ends with it, or which it shares when
    one runs already.
    """
    from graph_api.cli.database import running
    from graph_api.cli.secret import signing
    from graph_api.settings import Settings
    from graph_api.telemetry.logs import configure

    settings = Settings.read(api_host=host, api_port=port)
    configure(settings.log_level, form=settings.log_format)
    documents = read_documents(seed or [])
    with _listening(settings) as listener, running(signing(settings)) as reachable:
        asyncio.run(_prepare(reachable, documents))
        _serve(reachable, listener)


async def _prepare(settings: Settings, documents: list[Document]) -> None:
    """Import, or migrate at least; a database that is only away may come while the API runs."""
    if documents:
        await import_documents(settings, documents)
        return
    from graph_api.cli.database import whole
    from graph_api.store.migrations import migrate

    async with whole(settings) as database:
        try:
            await database.verify()
        except Unavailable as error:
            say(f"{error} The API waits for it.")
        else:
            await migrate(database)


def _serve(settings: Settings, listener: socket.socket) -> None:
    import uvicorn

    from graph_api.app import create_app, metrics_served, server_options

    app = create_app(settings)
    config = uvicorn.Config(
        app,
        log_config=None,  # its lines are written like all others
        log_level="info" if settings.log_level == "debug" else "warning",
        access_log=False,  # a line for each operation tells more
        timeout_graceful_shutdown=GRACE_SECONDS,
        lifespan="on",
        **server_options(settings),
    )
    logging.getLogger("uvicorn.error").addFilter(_unless_cut_off)
    server = _server(config)
    _take_short_turns()
    _give_large_blocks_back()
    _say_addresses(settings, port=listener.getsockname()[1])
    try:
        with metrics_served(app, settings):
            server.run(sockets=[listener])
    except (KeyboardInterrupt, SystemExit):
        if not server.started:
            raise
        # It has ended in order, and has only sent itself again the signal that asked for it.


def _server(config: uvicorn.Config) -> uvicorn.Server:
    """A server that lets requests end: for long when a supervisor stops it, briefly when a person does."""
    import uvicorn

    class Draining(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            if sig == signal.SIGTERM:
                self.config.timeout_graceful_shutdown = DRAIN_SECONDS
            super().handle_exit(sig, frame)

    return Draining(config)


def _take_short_turns() -> None:
    """Keep the event loop from waiting for what other threads do; see docs/performance.md for what it earns.

    Threads hand the interpreter over sooner, and the collector of garbage no longer looks through the schema
    and the modules, which held everything up for 50 to 90 ms each time. Nor does it look through all that is
    kept, for 20 to 100 ms, but for once in many thousand requests: these leave no circles behind, and what
    the driver leaves is hardly ever older than the second generation.
    """
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GENERATIONS)


def _give_large_blocks_back() -> None:
    """Let a block of LARGE_BYTES or more go back to the system as soon as it is free, where glibc is.

    It would raise that bound to the largest block that was ever freed, and keep what the arrays of a large
    catalogue have taken once: 20 to 30 MB with 45,000 topics. Nor has each thread blocks of its own: all
    but large ones come from Python's own allocator anyway.
    """
    if sys.platform == "linux" and (mallopt := getattr(ctypes.CDLL(None), "mallopt", None)) is not None:
        mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(_M_ARENA_MAX, 1)


def _unless_cut_off(record: logging.LogRecord) -> bool:
    """Whether to log something: that a request was cut off at the end is no fault with a traceback."""
    return not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError))


def _listening(settings: Settings) -> socket.socket:
    """A socket that listens already, so that a port in use is found before anything is started."""
    family = socket.AF_INET6 if ":" in settings.api_host else socket.AF_INET
    # With the protocol named, asyncio turns Nagle's algorithm off, which would hold small answers 40 ms.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: a client that stops reading cannot keep its connection
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED_SECONDS * 1000)
    try:
        listener.bind((settings.api_host, settings.api_port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        where = f"{settings.api_host}:{settings.api_port}"
        raise ConfigurationError(
            f"The API cannot listen on {where}: {error.strerror}. Set API_PORT or use --port."
        ) from None
    return listener


def _say_addresses(settings: Settings, *, port: int) -> None:
    from graph_api.app import GRAPHIQL_PATH, GRAPHQL_PATH

    host = ANYWHERE.get(settings.api_host, settings.api_host)
    base = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    say(f"API       {base}{GRAPHQL_PATH}")
    say(f"GraphiQL  {base}{GRAPHIQL_PATH}/")
    say(f"Health    {base}/readyz")
    if settings.auth_secret is not None:
        say("Tokens    graph-api token --role editor")
    say("Ctrl-C ends it.")
