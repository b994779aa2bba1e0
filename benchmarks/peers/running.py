"""What the Python peers share: their driver and their server, set up like ours."""

from __future__ import annotations

import gc
import os
import socket
import sys
from typing import Any

import uvicorn
from neo4j import AsyncDriver, AsyncGraphDatabase

from graph_api.app import server_options
from graph_api.cli.serve import BACKLOG, GENERATIONS, SWITCH_SECONDS
from graph_api.settings import Settings


def driver() -> AsyncDriver:
    """A driver for the database that the environment names, as for ours."""
    auth = (os.environ["NEO4J_USER"], os.environ["NEO4J_PASSWORD"])
    return AsyncGraphDatabase.driver(os.environ["NEO4J_URI"], auth=auth, notifications_min_severity="OFF")


def run(app: Any, port: int) -> None:
    """Serve an application as `graph-api serve` does it, until a signal ends it.

    The same options, no Nagle on its socket, and a collector of garbage that leaves the modules out and does
    not often look through all the rest: a peer is not to be slower for what has nothing to do with it.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen(BACKLOG)
    options = server_options(Settings.read())
    config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="on", **options)
    sys.setswitchinterval(SWITCH_SECONDS)
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GENERATIONS)
    uvicorn.Server(config).run(sockets=[listener])
