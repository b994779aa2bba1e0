"""The formats that can be read, by name: which files they are, and what else may be asked of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from graph_api.formats.reading import Reading

FormatName: TypeAlias = Literal["roadmap/1", "exercism", "metacademy", "quatalog", "csv"]

MAX_BYTES: Final = 32 * 1024 * 1024
"""No format takes larger files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """A format. Its reader is imported when the first file is read: naming formats costs nothing.

    title     what a sentence calls a file of it
    suffixes  how the names of its files end
    marks     bytes that all stand in each of its files, and hardly in others
    options   keyword options that its reader takes
    stubs     whether its files always name what they do not define, so that stubs are made of it
    """

    module: str
    title: str
    suffixes: tuple[str, ...] = (".json",)
    marks: tuple[bytes, ...] = ()
    options: tuple[str, ...] = ()
    stubs: bool = False

    def read(
        self, data: bytes, *, name: str, options: Mapping[str, object] = MappingProxyType({})
    ) -> Reading:
        """What a file's bytes say; `name` is what its faults call it. Raises InvalidDocument with all."""
        from graph_api.formats.reading import Reading

        found = import_module(f"graph_api.formats.{self.module}").parse(data, name=name, **options)
        return found if isinstance(found, Reading) else Reading(found)

    def marked(self, data: bytes) -> bool:
        """Whether a file looks like one of this format."""
        return bool(self.marks) and all(mark in data for mark in self.marks)


FORMATS: Final[Mapping[FormatName, Format]] = MappingProxyType(
    {
        "roadmap/1": Format(
            module="roadmap1",
            title="a roadmap file",
            suffixes=(".yaml", ".yml", ".json"),
            marks=(b"roadmap/1",),
        ),
        "exercism": Format(
            module="exercism",
            title="an Exercism track",
            marks=(b'"language"', b'"exercises"', b'"concepts"'),
            options=("practice", "include_wip"),
        ),
        "metacademy": Format(
            module="metacademy",
            title="a dump of Metacademy",
            marks=(b'"graph.concept"', b'"fields"'),
            options=("slug", "title"),
        ),
        "quatalog": Format(
            module="quatalog",
            title="a list of courses of Quatalog",
            marks=(b'"prerequisites"', b'"corequisites"', b'"cross_listings"'),
            options=("slug", "title"),
            stubs=True,
        ),
        "csv": Format(
            module="edges",
            title="a list of edges",
            suffixes=(".csv",),
            options=("slug", "title"),
        ),
    }
)


def others_like(data: bytes, name: FormatName) -> Iterator[FormatName]:
    """The formats that a file looks like, unless it looks like the one of this name."""
    if not FORMATS[name].marked(data):
        yield from (other for other, known in FORMATS.items() if known.marked(data))


def takers(option: str) -> list[FormatName]:
    """The formats whose readers take an option."""
    return [name for name, known in FORMATS.items() if option in known.options]
