"""`graph-api schema`: the files that the outside may rely on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graph_api.cli.screen import say

Folder = Annotated[Path, typer.Option(help="Folder of the files.", metavar="FOLDER")]
Check = Annotated[
    bool, typer.Option("--check", help="Write nothing. Exit with 1 when a file is not up to date.")
]


def schema(folder: Folder = Path("schema"), check: Check = False) -> None:
    """Write the GraphQL and JSON schema files, or check them."""
    from graph_api.cli.output import write

    stale = {name: data for name, data in _files().items() if _differs(folder / name, data)}
    if not stale:
        say("The schema files are up to date.")
        return
    if check:
        say(f"Not up to date: {', '.join(stale)}. Run `graph-api schema`.")
        raise typer.Exit(1)
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in stale.items():
        write(data, folder / name)
        say(f"Wrote {folder / name}.")


def _files() -> dict[str, bytes]:
    import orjson

    from graph_api.api.schema import build_schema
    from graph_api.formats import roadmap1

    options = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return {
        "schema.graphql": f"{build_schema().as_str()}\n".encode(),
        "roadmap.schema.json": orjson.dumps(roadmap1.json_schema(), option=options),
    }


def _differs(path: Path, data: bytes) -> bool:
    return not path.is_file() or path.read_bytes() != data
