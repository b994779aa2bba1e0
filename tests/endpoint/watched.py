"""A server whose event loop knows for how long it was held up."""

from __future__ import annotations

import asyncio
import gc
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import uvicorn
from starlette.applications import Starlette

from graph_api.endpoint.documents import _document, _plan, _validated
from graph_api.endpoint.protocols import WebSockets
from tests.endpoint.socket_api import FRAME


class WatchedLoop(asyncio.SelectorEventLoop):
    """Measures its rounds. Nobody else comes in between within one, be it made of one callback or of many."""

    longest: float = 0.0
    """Seconds of this thread's processor time: what other programs do meanwhile is not in them."""

    def _run_once(self) -> None:
        begun = time.thread_time()
        super()._run_once()  # type: ignore[misc]  # it is asyncio's own affair
        self.longest = max(self.longest, time.thread_time() - begun)


@contextmanager
def watched(app: Starlette) -> Iterator[tuple[str, WatchedLoop]]:
    """Where an application is served, and the loop that a thread of ours serves it in."""
    loop = WatchedLoop()
    options: dict[str, Any] = {"log_level": "error", "ws_per_message_deflate": False, "lifespan": "off"}
    server = uvicorn.Server(uvicorn.Config(app, ws=WebSockets, ws_max_size=FRAME, **options))
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            with asyncio.Runner(loop_factory=lambda: loop) as runner:
                runner.run(server.serve(sockets=[listener]))

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            while not server.started:
                time.sleep(0.005)
            yield "{}:{}".format(*listener.getsockname()), loop
        finally:
            server.should_exit = True
            thread.join()


CACHES: Final = (_document, _validated, _plan)


def forget() -> None:
    """Let every document be new."""
    for cache in CACHES:
        cache.cache_clear()


@contextmanager
def nothing_to_collect() -> Iterator[None]:
    """What other tests have left is nothing that these should look through."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
