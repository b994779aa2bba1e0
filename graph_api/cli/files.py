"""Roadmap files on disk: found, read and parsed, every fault of every file in one report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from graph_api.errors import BadInput, Fault, InvalidDocument
from graph_api.formats import roadmap1
from graph_api.knowledge.document import Document

_SUFFIXES = (".yaml", ".yml", ".json")


def read_documents(paths: Iterable[Path]) -> list[Document]:
    """The documents of these files, and of the roadmap files of these folders.

    Raises InvalidDocument with the faults of all files together, BadInput for one that cannot be read.
    """
    documents: list[Document] = []
    faults: list[Fault] = []
    for path in _files(paths):
        try:
            documents.append(roadmap1.parse(_bytes(path), name=str(path)))
        except InvalidDocument as error:
            faults += error.faults
    if faults:
        raise InvalidDocument(faults)
    return documents


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.is_dir():
            yield path
            continue
        found = sorted(each for each in path.iterdir() if each.suffix in _SUFFIXES)
        if not found:
            raise BadInput(f"{path} holds no roadmap file.")
        yield from found


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(roadmap1.MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from None
