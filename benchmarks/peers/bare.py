"""A Starlette route that answers stored bytes: the limit of what Python can do on this server.

    python -m benchmarks.peers.bare PORT FOLDER

Each file of FOLDER is an answer, at the path of its name.
"""

from __future__ import annotations

import sys
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.peers.running import run


def application(folder: Path) -> Starlette:
    """The application; a question is read whole, like everybody has to."""
    stored: dict[str, bytes] = {}

    async def answer(request: Request) -> Response:
        name = request.path_params["name"]
        await request.body()
        if name not in stored:
            stored[name] = (folder / name).read_bytes()
        return Response(stored[name], media_type="application/json")

    return Starlette(routes=[Route("/{name}", answer, methods=["POST"])])


if __name__ == "__main__":
    run(application(Path(sys.argv[2])), int(sys.argv[1]))
