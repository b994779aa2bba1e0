"""Roadmap files on disk: found, read and parsed, every fault of every file in one report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from graph_api.errors import Fault, InvalidDocument

if TYPE_CHECKING:
    from graph_api.knowledge.document import Document

Files = Annotated[
    list[Path],
    typer.Argument(help="Roadmap files, or folders of them.", metavar="FILE...", show_default=False),
]
Stubs = Annotated[
    bool,
    typer.Option(
        "--stubs", help="Make a topic of each name that nothing defines, with its slug for a title."
    ),
]

_SUFFIXES: Final = (".yaml", ".yml", ".json")


def read_documents(paths: Iterable[Path]) -> list[Document]:
    """The documents of these files, and of the roadmap files of these folders.

    Raises InvalidDocument with the faults of all files together, those that cannot be read included.
    """
    faults: list[Fault] = []
    found = {path.resolve(): path for path in _files(paths, faults)}
    documents = list(_parsed(list(found.values()), faults)) if found else []
    if faults:
        raise InvalidDocument(faults)
    return documents


def _parsed(files: list[Path], faults: list[Fault]) -> Iterator[Document]:
    from graph_api.cli.progress import count_progress
    from graph_api.formats import roadmap1

    done, total = 0, sum(_size(path) for path in files)
    with count_progress("Reading files", "bytes") as report:
        for path in files:
            try:
                yield roadmap1.parse(_bytes(path, roadmap1.MAX_BYTES), name=str(path))
            except OSError as error:
                faults.append(_unreadable(path, error))
            except InvalidDocument as error:
                faults += error.faults
            done += _size(path)
            report(done, total)


def _files(paths: Iterable[Path], faults: list[Fault]) -> Iterator[Path]:
    for path in paths:
        try:
            if path.is_dir():
                yield from _files_of(path, faults)
            elif path.is_file() and path.suffix.lower() not in _SUFFIXES:
                message = f"This is no roadmap file: its name ends in none of {', '.join(_SUFFIXES)}."
                faults.append(Fault(message, file=str(path)))
            else:
                yield path
        except OSError as error:
            faults.append(_unreadable(path, error))


def _files_of(folder: Path, faults: list[Fault]) -> list[Path]:
    found = sorted(
        each for each in folder.iterdir() if each.suffix.lower() in _SUFFIXES and not each.is_dir()
    )
    if not found:
        faults.append(
            Fault(f"No file of this folder ends in one of {', '.join(_SUFFIXES)}.", file=str(folder))
        )
    return found


def _bytes(path: Path, limit: int) -> bytes:
    with path.open("rb") as file:
        return file.read(limit + 1)


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _unreadable(path: Path, error: OSError) -> Fault:
    return Fault(f"This cannot be read: {error.strerror or error}.", file=str(path))
