"""The seed says what the page says, word for word: page and file are read apart and compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import pytest
import yaml

Kind: TypeAlias = Literal["roadmap", "section", "topic"]

PAGE: Final = Path(__file__).with_name("backend-developer.txt")
FILE: Final = Path(__file__).parents[2] / "seed" / "backend-developer.yaml"

NAVIGATION: Final = "All Roadmaps"
OPTIONAL: Final = "Optional"
SUPPLIED: Final = "# supplied"

# What a reader sees on the page: these headings open sections ...
SECTIONS: Final = (
    "Programming Language",
    "Databases",
    "Message Queues & Async Processing",
    "Testing & API Quality",
    "Scalability & Architecture",
)
# ... and before these topics the page has lost one.
LOST_BEFORE: Final = ("RESTful Conventions", "Redis", "Authentication & Authorisation")


@dataclass(frozen=True, slots=True)
class Entry:
    """One heading of the page with the paragraph under it."""

    kind: Kind
    optional: bool
    title: str
    summary: str


def read_heading(lines: list[str], *, first: bool) -> tuple[Kind, bool, str]:
    """The kind of a heading, whether it is optional, and its title; ValueError for any other shape."""
    title, *rest = lines
    if first or title in SECTIONS:
        if rest not in ([], [OPTIONAL]) or (first and rest):
            raise ValueError(f"unexpected lines under {title!r}: {rest}")
        return "roadmap" if first else "section", bool(rest), title
    if rest:
        raise ValueError(f"unexpected lines under {title!r}: {rest}")
    optional = title.startswith(f"{OPTIONAL} ")
    return "topic", optional, title.removeprefix(f"{OPTIONAL} ")


def read_page(text: str) -> list[Entry]:
    """The page's entries in order; ValueError where a line fits nowhere."""
    navigation, *blocks = text.split("\n\n")
    if navigation != NAVIGATION:
        raise ValueError(f"the page opens with {navigation!r}")
    if len(blocks) % 2:
        raise ValueError("a heading without a paragraph")
    entries: list[Entry] = []
    for heading, summary in zip(blocks[::2], blocks[1::2], strict=True):
        if "\n" in summary or not summary:
            raise ValueError(f"not one line: {summary!r}")
        kind, optional, title = read_heading(heading.split("\n"), first=not entries)
        entries.append(Entry(kind, optional, title, summary))
    return entries


def write_page(entries: list[Entry]) -> str:
    """The text that `read_page` reads these entries from."""
    blocks = [NAVIGATION]
    for entry in entries:
        before = f"{OPTIONAL} " if entry.optional and entry.kind == "topic" else ""
        after = f"\n{OPTIONAL}" if entry.optional and entry.kind == "section" else ""
        blocks += [f"{before}{entry.title}{after}", entry.summary]
    return "\n\n".join(blocks)


def supplied_titles(source: str) -> set[str]:
    """The section titles whose line in the file is marked as supplied by us."""
    lines = source.splitlines()
    root = yaml.compose(source)
    assert isinstance(root, yaml.MappingNode)
    sections = next(value for key, value in root.value if key.value == "sections")
    titles = [value for section in sections.value for key, value in section.value if key.value == "title"]
    return {title.value for title in titles if SUPPLIED in lines[title.start_mark.line]}


def read_file(source: str) -> list[Entry]:
    """The file's entries in order, without the sections whose headings were supplied."""
    document: dict[str, Any] = yaml.safe_load(source)
    supplied = supplied_titles(source)
    entries = [Entry("roadmap", False, document["title"], document["summary"])]
    for section in document["sections"]:
        if section["title"] not in supplied:
            entries.append(
                Entry("section", section.get("optional", False), section["title"], section["summary"])
            )
        entries += [
            Entry("topic", topic.get("optional", False), topic["title"], topic["summary"])
            for topic in section["topics"]
        ]
    return entries


@pytest.fixture(scope="module")
def page() -> str:
    return PAGE.read_bytes().decode()


@pytest.fixture(scope="module")
def source() -> str:
    return FILE.read_bytes().decode()


def test_every_line_of_the_page_is_read(page: str) -> None:
    assert write_page(read_page(page)) == page


def test_the_file_says_what_the_page_says(page: str, source: str) -> None:
    for ours, theirs in zip(read_file(source), read_page(page), strict=True):
        assert ours == theirs


def test_the_file_writes_the_page(page: str, source: str) -> None:
    assert write_page(read_file(source)) == page


def test_the_page_has_26_topics_of_which_9_are_optional(page: str, source: str) -> None:
    for entries in (read_page(page), read_file(source)):
        topics = [entry for entry in entries if entry.kind == "topic"]
        assert len(topics) == 26
        assert [topic.title for topic in topics if topic.optional] == [
            "Go",
            "PHP / Laravel",
            "GraphQL (Alternative)",
            "MongoDB / NoSQL",
            "Apache Kafka",
            "Load Testing",
            "Microservices Patterns",
            "Database Scaling",
            "System Design Fundamentals",
        ]
        assert [entry.title for entry in entries if entry.kind == "section" and entry.optional] == [
            "Scalability & Architecture"
        ]


def test_topics_stand_under_the_headings_of_the_page(page: str, source: str) -> None:
    expected: list[list[str]] = []
    for entry in read_page(page)[1:]:
        if entry.kind == "section" or entry.title in LOST_BEFORE:
            expected.append([])
        if entry.kind == "topic":
            expected[-1].append(entry.title)
    sections = yaml.safe_load(source)["sections"]
    assert [[topic["title"] for topic in section["topics"]] for section in sections] == expected


def test_three_headings_are_supplied_and_marked(page: str, source: str) -> None:
    sections = yaml.safe_load(source)["sections"]
    lost = [section for section in sections if section["topics"][0]["title"] in LOST_BEFORE]
    assert len(lost) == len(LOST_BEFORE)
    assert {section["title"] for section in lost} == supplied_titles(source)
    assert len(re.findall(SUPPLIED, source)) == len(LOST_BEFORE)
    for section in lost:
        assert section["title"] not in page.splitlines()
        assert set(section) == {"slug", "title", "topics"}


def test_the_navigation_link_is_no_content_but_mentioned(source: str) -> None:
    mentions = [line for line in source.splitlines() if NAVIGATION in line]
    assert mentions
    assert all(line.startswith("#") for line in mentions)


@pytest.mark.parametrize("change", [lambda word: f"{word}x", lambda word: word[1:], str.swapcase])
def test_any_changed_word_of_the_page_is_noticed(page: str, source: str, change: Any) -> None:
    ours = read_file(source)
    words = list(re.finditer(r"\S+", page))
    assert len(words) > 400
    for word in words:
        changed = f"{page[: word.start()]}{change(word.group())}{page[word.end() :]}"
        if changed == page:  # a dash has no other case
            continue
        try:
            theirs = read_page(changed)
        except ValueError:
            continue
        assert theirs != ours, word
