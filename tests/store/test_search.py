"""Full-text search: what it finds, in what order, and that no text can harm it."""

from __future__ import annotations

import pytest

from graph_api.store.nodes import Match, NodeKind
from graph_api.store.page import Page, Slice
from graph_api.store.reader import GraphReader
from graph_api.store.rows import identity
from graph_api.store.search import queries
from graph_api.store.session import Database
from tests.example import CATALOGUE
from tests.store.nodes import walk

KINDS: tuple[NodeKind, ...] = ("Roadmap", "Section", "Topic")
NAMES = {
    **{identity("topic", slug): slug for slug in CATALOGUE.topics},
    **{identity("roadmap", slug): slug for slug in CATALOGUE.roadmaps},
    **{
        identity("section", slug, section.slug): f"{slug}/{section.slug}"
        for slug, roadmap in CATALOGUE.roadmaps.items()
        for section in roadmap.sections
    },
}
SHAPE = (float, str)

pytestmark = pytest.mark.usefixtures("catalogue")


@pytest.fixture
def reader(database: Database) -> GraphReader:
    return GraphReader(database)


async def found(reader: GraphReader, text: str, *kinds: NodeKind) -> list[str]:
    part = await reader.search(text, kinds or KINDS, Page(size=100))
    assert await reader.count_search(text, kinds or KINDS) == len(part.entries)
    return [NAMES[entry.value.id] for entry in part.entries]


async def test_a_word_of_a_title_finds_its_topic_first(reader: GraphReader) -> None:
    assert (await found(reader, "Croissant"))[0] == "croissant"
    assert (await found(reader, "oven"))[0] == "wood-fired-oven"


async def test_scores_fall(reader: GraphReader) -> None:
    part = await reader.search("dough bread", KINDS, Page(size=100))
    scores = [entry.value.score for entry in part.entries]
    assert len(scores) >= 4
    assert scores == sorted(scores, reverse=True)
    assert scores[0] > scores[-1] > 0


async def test_words_of_summaries_slugs_and_tags_are_found(reader: GraphReader) -> None:
    assert await found(reader, "absorption") == ["flour"]
    assert await found(reader, "thermostat") == ["wood-fired-oven"]
    assert await found(reader, "pastry") == ["croissant"]
    assert "baker" in await found(reader, "bakery", "Roadmap")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pizz", "pizza-dough"),
        ("sourdo", "sourdough-bread"),
        ("pizzaiol", "pizzaiolo"),
        ("CROISSANT", "croissant"),
        ("crossant", "croissant"),
        ("tomatoe", "tomato-sauce"),
        ("hygeine", "hygiene"),
        ("croisant", "croissant"),
        ("krossant", "croissant"),
    ],
)
async def test_beginnings_capitals_and_slips_find_it_too(
    reader: GraphReader, text: str, expected: str
) -> None:
    assert expected in await found(reader, text)


async def test_two_slips_count_when_nothing_fits_otherwise_on_every_page(reader: GraphReader) -> None:
    assert len(queries("krossant")) == 2
    assert len(queries("rye")) == 1, "of a short word little is left"
    whole = (await reader.search("krossant", KINDS, Page(size=100))).entries
    assert len(whole) > 0
    last = Page.of(after=whole[-1].cursor, shape=SHAPE)
    assert await reader.search("krossant", KINDS, last) == Slice((), has_previous=True)
    fits = (await reader.search("croissant", KINDS, Page(size=100))).entries
    last = Page.of(after=fits[-1].cursor, shape=SHAPE)
    assert await reader.search("croissant", KINDS, last) == Slice((), has_previous=True)
    assert await found(reader, "croissant") == await found(reader, "croissant xxxxxxx")


async def test_only_the_kinds_that_are_asked_for_are_found(reader: GraphReader) -> None:
    assert await found(reader, "baker", "Roadmap") == ["baker"]
    assert await found(reader, "impasto", "Section") == ["pizzaiolo/impasto"]
    assert await found(reader, "impasto", "Topic") == []
    part = await reader.search("baker", KINDS[:1], Page())
    assert [entry.value.kind for entry in part.entries] == ["Roadmap"]


@pytest.mark.parametrize("text", ["", " ", "!?", '"', "🥐", "\x00", "- - -", "()"])
async def test_a_text_without_a_word_finds_nothing_and_asks_nobody(
    database: Database, reader: GraphReader, text: str
) -> None:
    assert await reader.search(text, KINDS, Page()) == Slice()
    assert await reader.count_search(text, KINDS) == 0
    assert database.statements <= 1, "only the fixture has asked"


@pytest.mark.parametrize("character", [*":/\"~*?(){}[]^\\+-!&|<>=@#$%;,.'`", "&&", "||", "\n", "\t"])
async def test_a_character_of_the_query_language_means_nothing(reader: GraphReader, character: str) -> None:
    for text in (f"croissant{character}", f"{character}croissant", f"croissant {character} {character}"):
        assert (await found(reader, text))[0] == "croissant"


@pytest.mark.parametrize("operator", ["AND", "OR", "NOT", "TO", "and not", "OR OR", "AND ("])
async def test_an_operator_of_the_query_language_is_a_word_like_any_other(
    reader: GraphReader, operator: str
) -> None:
    assert "croissant" in await found(reader, f"croissant {operator} nonexistentword")
    await found(reader, operator)


async def test_a_field_name_selects_nothing(reader: GraphReader) -> None:
    assert "croissant" in await found(reader, "slug:croissant")
    assert await found(reader, "zzzz:*") == []


async def test_a_very_long_text_is_searched_by_its_first_words(reader: GraphReader) -> None:
    assert "croissant" in await found(reader, "croissant " * 10_000)
    assert queries("a b " * 100)[0].count("~1") == 16


@pytest.mark.parametrize("text", ["dough", "a", "bread dough yeast", "mastery"])
@pytest.mark.parametrize("size", [2])
async def test_walking_all_results_in_either_direction_gives_the_unpaged_list(
    reader: GraphReader, text: str, size: int
) -> None:
    async def read(page: Page) -> Slice[Match]:
        return await reader.search(text, KINDS, page)

    whole = [entry.value for entry in (await read(Page(size=100))).entries]
    assert await walk(read, size=size, shape=SHAPE) == whole
    assert await walk(read, size=size, shape=SHAPE, backward=True) == whole


async def test_results_of_equal_scores_are_paged_by_id(empty: Database) -> None:
    ids = [f"{number:02}" for number in range(10)]
    await empty.write(
        lambda t: t.run("UNWIND $ids AS id CREATE (:Topic {id: id, slug: id, title: 'Twins'})", ids=ids)
    )

    async def read(page: Page) -> Slice[Match]:
        return await GraphReader(empty).search("twins", KINDS, page)

    whole = [entry.value for entry in (await read(Page(size=100))).entries]
    assert len({match.score for match in whole}) == 1
    assert [match.id for match in whole] == ids
    for size in (3, 10):
        assert await walk(read, size=size, shape=SHAPE) == whole
        assert await walk(read, size=size, shape=SHAPE, backward=True) == whole


async def test_a_page_of_results_lies_strictly_between_both_bounds(reader: GraphReader) -> None:
    whole = (await reader.search("dough yeast bread", KINDS, Page(size=100))).entries
    assert len(whole) > 4
    bounds = {"after": whole[0].cursor, "before": whole[4].cursor, "shape": SHAPE}
    forward = await reader.search("dough yeast bread", KINDS, Page.of(first=2, **bounds))  # type: ignore[arg-type]  # by name
    backward = await reader.search("dough yeast bread", KINDS, Page.of(last=2, **bounds))  # type: ignore[arg-type]  # by name
    assert forward.entries == whole[1:3]
    assert backward.entries == whole[2:4]
