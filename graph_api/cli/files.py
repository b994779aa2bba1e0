"""Files on disk: found, read and parsed, every fault of every file in one report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Final

import typer

from graph_api.cli.screen import say
from graph_api.errors import Fault, InvalidDocument
from graph_api.formats.registry import FORMATS, MAX_BYTES, Format, FormatName, others_like, takers

if TYPE_CHECKING:
    from graph_api.formats.reading import Note, Reading
    from graph_api.knowledge.document import Document

Files = Annotated[
    list[Path],
    typer.Argument(help="Files, or folders of them.", metavar="FILE...", show_default=False),
]
Stubs = Annotated[
    bool,
    typer.Option(
        "--stubs", help="Make a topic of each name that nothing defines, with its slug for a title."
    ),
]
Named = Annotated[FormatName, typer.Option("--format", "-f", help="What the files are.")]
Practice = Annotated[
    bool, typer.Option("--practice", help="Exercism: make topics of the practice exercises too.")
]
IncludeWip = Annotated[
    bool, typer.Option("--include-wip", help="Exercism: count exercises that are still in the making.")
]
RoadmapSlug = Annotated[
    str | None,
    typer.Option(
        "--slug",
        help="Slug of the roadmap, for formats whose files have none.",
        metavar="SLUG",
        show_default=False,
    ),
]
RoadmapTitle = Annotated[
    str | None,
    typer.Option(
        "--title",
        help="Title of the roadmap, for formats whose files have none.",
        metavar="TITLE",
        show_default=False,
    ),
]

SHOWN_NOTES: Final = 3
"""So many notes of a kind are told in full."""


@dataclass(frozen=True, slots=True)
class Reader:
    """How files are to be read."""

    name: FormatName = "roadmap/1"
    options: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    @classmethod
    def of(cls, name: FormatName, **options: object) -> Reader:
        """A reader of the format; wrong usage where an option is given that it does not take."""
        given = {option: value for option, value in options.items() if value}
        for option in given:
            if option not in FORMATS[name].options:
                flag = f"--{option.replace('_', '-')}"
                known = " and ".join(f"--format {taker}" for taker in takers(option))
                raise typer.BadParameter(f"{flag} goes with {known}, not with --format {name}.")
        return cls(name, given)

    @property
    def format(self) -> Format:
        """The format of that name."""
        return FORMATS[self.name]

    def read(self, path: Path) -> Reading:
        """What a file says; raises InvalidDocument with every fault, or the format that it looks like."""
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        try:
            return self.format.read(data, name=str(path), options=self.options)
        except InvalidDocument:
            for other in others_like(data[:MAX_BYTES], self.name):
                raise InvalidDocument([_other(path, other)]) from None
            raise


def read_documents(paths: Iterable[Path]) -> list[Document]:
    """The documents of these roadmap files, and of those in these folders; as `read_files`."""
    return [reading.document for reading in read_files(paths, Reader())]


def read_files(paths: Iterable[Path], reader: Reader) -> list[Reading]:
    """What these files say, and the files of these folders that could be of the format.

    Raises InvalidDocument with the faults of all files together, those that cannot be read included.
    """
    faults: list[Fault] = []
    found = {path.resolve(): path for path in _files(paths, reader, faults)}
    readings = list(_read(list(found.values()), reader, faults)) if found else []
    if faults:
        raise InvalidDocument(faults)
    return readings


def say_notes(readings: Sequence[Reading]) -> None:
    """Tell what was left out, made up or read otherwise: of each kind the first few, and how many more."""
    for reading in readings:
        kinds: dict[str, list[Note]] = {}
        for note in reading.notes:
            kinds.setdefault(note.kind, []).append(note)
        for notes in kinds.values():
            for note in notes[:SHOWN_NOTES]:
                say(f"{reading.document.name}: {note.message}")
            if (more := len(notes) - SHOWN_NOTES) > 0:
                say(f"{reading.document.name}: And {more:,} more of this kind; check --json lists all.")


def _read(files: list[Path], reader: Reader, faults: list[Fault]) -> Iterator[Reading]:
    from graph_api.cli.progress import count_progress

    done, total = 0, sum(_size(path) for path in files)
    with count_progress("Reading files", "bytes") as report:
        for path in files:
            try:
                yield reader.read(path)
            except OSError as error:
                faults.append(_unreadable(path, error))
            except InvalidDocument as error:
                faults += error.faults
            done += _size(path)
            report(done, total)


def _files(paths: Iterable[Path], reader: Reader, faults: list[Fault]) -> Iterator[Path]:
    for path in paths:
        try:
            if path.is_dir():
                yield from _files_of(path, reader.format, faults)
            elif path.is_file() and path.suffix.lower() not in reader.format.suffixes:
                faults.append(_no_suffix(path, reader.format))
            else:
                yield path
        except OSError as error:
            faults.append(_unreadable(path, error))


def _files_of(folder: Path, known: Format, faults: list[Fault]) -> list[Path]:
    found = sorted(
        each for each in folder.iterdir() if each.suffix.lower() in known.suffixes and not each.is_dir()
    )
    if not found:
        faults.append(Fault(f"No file of this folder ends in {_one_of(known)}.", file=str(folder)))
    return found


def _no_suffix(path: Path, known: Format) -> Fault:
    others = [name for name, other in FORMATS.items() if path.suffix.lower() in other.suffixes]
    if len(others) == 1:
        return _other(path, others[0])
    title = known.title.partition(" ")[2]
    return Fault(f"This is no {title}: its name ends in none of {', '.join(known.suffixes)}.", file=str(path))


def _one_of(known: Format) -> str:
    return known.suffixes[0] if len(known.suffixes) == 1 else f"one of {', '.join(known.suffixes)}"


def _other(path: Path, name: FormatName) -> Fault:
    return Fault(f"This looks like {FORMATS[name].title}; read it with --format {name}.", file=str(path))


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


def _unreadable(path: Path, error: OSError) -> Fault:
    return Fault(f"This cannot be read: {error.strerror or error}.", file=str(path))
