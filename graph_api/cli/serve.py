"""`graph-api serve`: the database, the content and the API, in one process that ends them all."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from graph_api.app import GRAPHIQL_PATH, GRAPHQL_PATH, create_app
from graph_api.cli.content import import_documents
from graph_api.cli.database import running
from graph_api.cli.files import read_documents
from graph_api.cli.screen import say
from graph_api.errors import ConfigurationError
from graph_api.settings import Settings


def serve(
    seed: Annotated[list[Path] | None, typer.Option(help="Roadmap files or folders to import first.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
) -> None:
    """Serve the API; without NEO4J_URI on a local Neo4j that is started and stopped with it."""
    settings = Settings.read(api_host=host, api_port=port)
    documents = read_documents(seed or [])
    with _listening(settings) as listener, running(settings) as reachable:
        if documents:
            asyncio.run(import_documents(reachable, documents))
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(reachable), log_level="warning", timeout_graceful_shutdown=3, lifespan="on"
            )
        )
        _say_addresses(settings)
        server.run(sockets=[listener])


def _listening(settings: Settings) -> socket.socket:
    """A socket that listens already, so that a port in use is found before anything is started."""
    family = socket.AF_INET6 if ":" in settings.api_host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.api_host, settings.api_port))
    except OSError as error:
        listener.close()
        where = f"{settings.api_host}:{settings.api_port}"
        raise ConfigurationError(
            f"The API cannot listen on {where}: {error.strerror}. Set API_PORT or use --port."
        ) from None
    return listener


def _say_addresses(settings: Settings) -> None:
    host = f"[{settings.api_host}]" if ":" in settings.api_host else settings.api_host
    base = f"http://{host}:{settings.api_port}"
    say(f"API       {base}{GRAPHQL_PATH}")
    say(f"GraphiQL  {base}{GRAPHIQL_PATH}/")
    say(f"Health    {base}/readyz")
    say("Ctrl-C ends it.")
