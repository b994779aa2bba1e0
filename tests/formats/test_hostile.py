"""Whatever file is handed to a reader: an answer within two seconds and in bounded memory, in a sentence."""

from __future__ import annotations

import importlib
import resource
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Final

import pytest

from graph_api.errors import InvalidDocument
from graph_api.formats import edges, metacademy, roadmap1
from tests.pace import affordable

SECONDS: Final = 2.0
ATTEMPTS: Final = 3
"""On a machine that is busy with something else one measurement says little."""

MEGABYTE: Final = 1024 * 1024
MEMORY: Final = 512 * MEGABYTE

Read = Callable[[bytes], object]


def _readers() -> Mapping[str, Read]:
    found: dict[str, Read] = {
        "yaml": lambda data: roadmap1.parse(data, name="x.yaml"),
        "json": lambda data: roadmap1.parse(data, name="x.json"),
        "metacademy": lambda data: metacademy.parse(data, name="x.json"),
        "csv": lambda data: edges.parse(data, name="x.csv"),
    }
    for name in ("exercism", "quatalog"):
        try:
            module = importlib.import_module(f"graph_api.formats.{name}")
        except ImportError:
            continue
        found[name] = lambda data, module=module: module.parse(data, name="x.json")  # type: ignore[misc]
    return found


READERS: Final = _readers()

ALIASES: Final = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(letter)}: &{chr(letter)} [{', '.join(['*' + chr(letter - 1)] * 9)}]\n" for letter in range(98, 108)
)
ENTITIES: Final = (
    '<?xml version="1.0"?>\n<!DOCTYPE lolz [\n<!ENTITY a "lol">\n'
    + "".join(f'<!ENTITY {chr(letter)} "{f"&{chr(letter - 1)};" * 10}">\n' for letter in range(98, 108))
    + "]>\n<graphml>&k;</graphml>\n"
)
FILES: Final[Mapping[str, Callable[[], bytes]]] = {
    "nothing": lambda: b"",
    "100 MB": lambda: bytes(100 * MEGABYTE),
    "very many numbers": lambda: b"[" + b"12," * MEGABYTE + b"1]",
    "very many keys": lambda: b"".join(b"a%d: b\n" % number for number in range(20_000)),
    "very many backslashes": lambda: b'["' + b"\\\\" * MEGABYTE,
    "a key very many times": lambda: b"{" + b'"a":1,' * 10_000 + b'"a":1}',
    "100,000 levels of lists": lambda: b"[" * 100_000,
    "100,000 levels that close": lambda: b"[" * 100_000 + b"]" * 100_000,
    "100,000 levels of mappings": lambda: b'{"a":' * 100_000,
    "100,000 levels of dashes": lambda: b"- " * 100_000 + b"a",
    "not UTF-8": lambda: b"from,to\n\xff\xfe\n",
    "UTF-16": lambda: "format: roadmap/1\n".encode("utf-16"),
    "NUL": lambda: b"format: roadmap/1\n\x00\n",
    "NUL in a field": lambda: b"from,to\na\x00,b\n",
    "aliases of aliases": ALIASES.encode,
    "entities of entities": ENTITIES.encode,
    "a number of 5,000 digits": lambda: b"9" * 5_000,
    "numbers of 5,000 digits": lambda: b'[{"pk": %s, "model": "a"}]' % (b"9" * 5_000),
    "a need of 5,000 digits": lambda: b"from,to,group,need\na,b,g,%s\n" % (b"9" * 5_000),
    "NaN": lambda: b"[NaN]",
    "half a surrogate": lambda: b'[{"model": "\\ud800", "pk": "\\ud800", "fields": {}}]',
    "half a surrogate in UTF-8": lambda: b'["\xed\xa0\x80"]',
    "a field of 20 MB": lambda: b'from,to\n"' + b"a" * (20 * MEGABYTE) + b'",b\n',
    "a row of very many fields": lambda: b"from,to\n" + b"," * MEGABYTE + b"\n",
    "a row of very many lines": lambda: b"from,to\n" + b'a,"\n",' * (MEGABYTE // 2),
    "very many columns": lambda: b"from,to," + b"a," * MEGABYTE,
    "a quote that is never closed": lambda: b'from,to\n"a,b\n' + b"c,d\n" * MEGABYTE,
    "very many edges": lambda: b"from,to\n" + b"".join(b"%d,a\n" % number for number in range(60_000)),
    "very many faults": lambda: b"from,to\n" + b"a,a\n" * 100_000,
}


@lru_cache(maxsize=1)
def content(file: str) -> bytes:
    """The bytes of a file; of the tests of one file the first makes them."""
    return FILES[file]()


@contextmanager
def bounded() -> Iterator[None]:
    """No more memory than MEMORY beyond what there is; what asks for more gets a MemoryError."""
    status = Path("/proc/self/statm")
    if not status.exists():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    held = int(status.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("file", FILES)
def test_no_file_takes_long_or_much_memory_to_be_refused(file: str, reader: str) -> None:
    data = content(file)
    for _ in range(ATTEMPTS):
        before = time.process_time()
        with bounded(), pytest.raises(InvalidDocument) as caught:
            READERS[reader](data)
        if (seconds := time.process_time() - before) < SECONDS:
            break
    assert affordable(seconds, SECONDS)
    assert 1 <= len(caught.value.faults) <= 1_001
    for fault in caught.value.faults[:3]:
        told = str(fault)
        assert told.startswith("x.")
        assert told.endswith((".", "?"))
        assert told.isprintable()
        assert len(told) < 500


@pytest.mark.parametrize(
    ("reader", "file", "said"),
    [
        ("yaml", "100 MB", "The file is larger than 33,554,432 bytes."),
        ("csv", "100 MB", "The file is larger than 33,554,432 bytes."),
        ("yaml", "aliases of aliases", "Anchors are not allowed"),
        ("yaml", "100,000 levels of dashes", "64 levels"),
        ("json", "100,000 levels that close", "64 levels"),
        ("metacademy", "100,000 levels of lists", "64 levels"),
        ("metacademy", "NaN", "it has no NaN"),
        ("metacademy", "UTF-16", "not in UTF-8"),
        ("csv", "UTF-16", "not in UTF-8"),
        ("csv", "NUL in a field", "Character 2 is U+0000"),
        ("csv", "a field of 20 MB", "longer than 65,536 characters"),
        ("csv", "a need of 5,000 digits", "is no number of topics"),
    ],
)
def test_the_fault_of_such_a_file_says_what_is_wrong(reader: str, file: str, said: str) -> None:
    with pytest.raises(InvalidDocument) as caught:
        READERS[reader](content(file))
    assert said in caught.value.faults[0].message
