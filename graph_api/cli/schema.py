"""`graph-api schema`: the files that the outside may rely on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer

from graph_api.api.schema import build_schema
from graph_api.cli.screen import say
from graph_api.formats import roadmap1


def schema(
    folder: Annotated[Path, typer.Option(help="Where the files are.")] = Path("schema"),
    check: Annotated[bool, typer.Option("--check", help="Only say whether they are up to date.")] = False,
) -> None:
    """Write schema.graphql and roadmap.schema.json, or check them."""
    stale = [name for name, text in _files().items() if _differs(folder / name, text)]
    if check and stale:
        say(f"Not up to date: {', '.join(stale)}. Run `graph-api schema`.")
        raise typer.Exit(1)
    for name in stale:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(_files()[name], encoding="utf-8")
        say(f"Wrote {folder / name}.")
    if not stale:
        say("The schema files are up to date.")


def _files() -> dict[str, str]:
    document_schema = orjson.dumps(roadmap1.json_schema(), option=orjson.OPT_INDENT_2).decode()
    return {"schema.graphql": f"{build_schema().as_str()}\n", "roadmap.schema.json": f"{document_schema}\n"}


def _differs(path: Path, text: str) -> bool:
    return not path.is_file() or path.read_text(encoding="utf-8") != text
