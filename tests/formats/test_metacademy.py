"""Metacademy's concepts become topics that a roadmap file can hold; what is left out is counted."""

from __future__ import annotations

import json
from typing import Any

import pytest

from graph_api.errors import Fault, InvalidDocument
from graph_api.formats import metacademy, roadmap1
from graph_api.formats.reading import Reading
from graph_api.knowledge.change import plan
from graph_api.knowledge.model import Catalogue, Requirement, Resource, Topic

Record = dict[str, Any]


def record(model: str, pk: object, **fields: object) -> Record:
    return {"model": f"graph.{model}", "pk": pk, "fields": fields}


def concept(pk: str, tag: str, **fields: object) -> Record:
    given = {"title": tag.title(), "summary": "", "learn_time": 1.0, "tags": [], "is_shortcut": False}
    return record("concept", pk, tag=tag, **{**given, **fields})


def dependency(source: str, target: str, reason: str = "") -> Record:
    return record("dependency", f"{source}{target}", source=source, target=target, reason=reason)


def read(*records: object, **options: str) -> Reading:
    data = json.dumps(records, indent=1).encode()
    return metacademy.parse(data, name="graph_data.json", **options)  # type: ignore[arg-type] # texts alone


def topics(*records: object) -> dict[str, Topic]:
    return {topic.slug: topic for topic in read(*records).document.topics}


def faults(*records: object) -> tuple[Fault, ...]:
    with pytest.raises(InvalidDocument) as caught:
        read(*records)
    return caught.value.faults


SOURCE = record("globalresource", "g", title="Book", url="https://book.example/", resource_type="textbook")


def use(pk: str, *, of: str = "a", source: str = "g", ordering: int = 0, core: bool = True) -> Record:
    return record("conceptresource", pk, concept=of, global_resource=source, ordering=ordering, core=core)


def place(pk: str, within: str, text: str, url: str | None = None, ordering: int = 0) -> Record:
    return record("resourcelocation", pk, cresource=within, location_text=text, url=url, ordering=ordering)


def test_a_concept_is_a_topic_with_its_dependencies_and_reasons() -> None:
    found = topics(
        concept("a", "first_thing", title="The First", summary="About\nit.\n", learn_time=1.2833),
        concept("b", "second_thing"),
        dependency("a", "b", " Because \n of it. "),
    )
    assert found["first-thing"] == Topic("first-thing", "The First", "About\nit.", 1.25)
    assert found["second-thing"].requires == (Requirement(("first-thing",), reason="Because of it."),)


@pytest.mark.parametrize(("hours", "rounded"), [(0.0, 0.0), (0.01, 0.25), (0.4, 0.5), (4, 4.0), (None, None)])
def test_hours_are_rounded_to_quarters_and_never_to_nothing(
    hours: float | None, rounded: float | None
) -> None:
    assert topics(concept("a", "a", learn_time=hours))["a"].hours == rounded


def test_a_concept_without_title_is_called_by_its_tag() -> None:
    reading = read(concept("a", "least_mean_squares", title=""))
    assert reading.document.topics[0].title == "Least mean squares"
    assert any("has no title" in note.message for note in reading.notes)


def test_a_topic_stands_in_the_section_of_its_rarest_tag_in_an_order_of_learning() -> None:
    reading = read(
        record("tag", "ml", title="Machine Learning"),
        record("tag", "la", title="Linear Algebra"),
        record("tag", "unused", title="Unused"),
        concept("c", "c", tags=["ml", "la"]),
        concept("b", "b", tags=["ml"]),
        concept("a", "a", tags=["ml"]),
        concept("d", "d"),
        dependency("a", "b"),
        dependency("b", "c"),
        dependency("c", "d"),
    )
    placed = [(s.slug, s.title, [p.topic for p in s.placements]) for s in reading.document.roadmap.sections]
    assert placed == [
        ("machine-learning", "Machine Learning", ["a", "b"]),
        ("linear-algebra", "Linear Algebra", ["c"]),
        ("other", "Other", ["d"]),
    ]
    tags = {topic.slug: topic.tags for topic in reading.document.topics}
    assert tags["c"] == ("machine-learning", "linear-algebra")
    assert any(note.message == "Tags of no concept are left out: 1." for note in reading.notes)


def test_a_resource_is_a_place_with_an_address_or_else_its_source() -> None:
    found = topics(
        concept("a", "a"),
        concept("b", "b"),
        SOURCE,
        use("1", of="a"),
        place("1b", "1", "Chapter 2", ordering=2),
        place("1a", "1", "Chapter 1", ordering=1),
        use("2", of="b"),
        place("2a", "2", "Page 7", "#page=7"),
        place("2b", "2", "Talk", "https://talk.example/ "),
    )
    assert found["a"].resources == (Resource("https://book.example/", "Book: Chapter 1; Chapter 2", "book"),)
    assert found["b"].resources == (
        Resource("https://book.example/#page=7", "Book: Page 7", "book"),
        Resource("https://talk.example/", "Book: Talk", "book"),
    )


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("Textbook", "book"),
        ("video lectures", "video"),
        ("lecture notes", "course"),
        ("tutorial paper", "article"),
        ("wiki", "docs"),
        ("interactive demonstration", "tool"),
        ("", "article"),
        ("forum", "article"),
    ],
)
def test_kinds_of_resources_are_told_by_their_words(told: str, kind: str) -> None:
    source = record("globalresource", "g", title="T", url="https://a.example/", resource_type=told)
    reading = read(concept("a", "a"), source, use("1"))
    assert reading.document.topics[0].resources[0].kind == kind
    assert any(note.kind == "kind" for note in reading.notes) == (told == "forum")


def test_resources_at_the_core_come_first_and_each_address_once() -> None:
    others = [
        record("globalresource", key, title=key, url=f"https://{key}.example/", resource_type="")
        for key in ("x", "y")
    ]
    reading = read(
        concept("a", "a"),
        SOURCE,
        *others,
        use("1", source="x", core=False),
        use("2", source="y", ordering=2),
        use("3", ordering=1),
        use("4", ordering=3),
    )
    titles = [resource.title for resource in reading.document.topics[0].resources]
    assert titles == ["Book", "y", "x"]
    assert any("already: 1." in note.message for note in reading.notes)


def test_what_is_left_out_is_counted() -> None:
    reading = read(
        concept("a", "a", pointers="* See [b](b)", software=None, is_shortcut=True, summary="x" * 2_001),
        record("goal", "1", text="Know it", concept="a"),
        record("goal", "2", text="Know it", concept="a"),
        record("globalresource", "g", title="", url="", resource_type=""),
        record("globalresource", "unused", title="", url="", resource_type=""),
        use("1"),
        use("2", source="gone"),
        record("globalresource", "bad", title="", url="asfasd", resource_type=""),
        use("3", source="bad"),
    )
    told = {note.message for note in reading.notes}
    assert told >= {
        "All 2 records of graph.goal are left out.",
        'Of graph.concept these fields are left out: "pointers" (1).',
        "Shortcuts, read as concepts like any other: 1.",
        "Cut to 2,000 characters: 1 summaries.",
        "Resources left out, without an address: 2.",
        "Resources left out, as their source is not in the dump: 1.",
        "Resources left out, as their address is none of the web: 1.",
        "Sources that no concept uses are left out: 1.",
        "Hours are rounded to quarters.",
    }


def test_what_is_read_keeps_the_limits_of_a_roadmap_file() -> None:
    awkward = "\ud800\x07 \u2028" + "wörd " * 500
    many = [
        record(
            "globalresource",
            f"g{number}",
            title=awkward,
            url=f"https://a.example/{number}",
            resource_type="x",
        )
        for number in range(101)
    ]
    reading = read(
        record("tag", "t", title=awkward),
        concept("a", "a", title=awkward, summary=awkward, tags=["t", *map(str, range(30))]),
        concept("b", "a", title="\x07", summary="\ud800"),
        dependency("a", "b", awkward),
        *many,
        *(use(f"{number}", source=f"g{number}") for number in range(101)),
    )
    document = reading.document
    held = {topic.slug: topic for topic in document.topics}
    back = roadmap1.parse(roadmap1.dump(document.roadmap, held), name="x.yaml")
    assert back.roadmap == document.roadmap
    assert {topic.slug: topic for topic in back.topics} == held
    assert set(held) == {"a", "a-2"}
    assert plan(Catalogue(), [document]).after.topics == held
    kinds = {note.kind for note in reading.notes}
    assert {"cut", "characters", "resource", "concept"} <= kinds


@pytest.mark.parametrize(
    ("records", "path", "said"),
    [
        ([7], "[0]", "A record has a model, a pk and fields."),
        ([{"model": "graph.concept", "pk": True, "fields": {}}], "[0]", "A record has a model"),
        (
            [concept("a", "a"), concept("a", "b")],
            "[1].pk",
            'a record "a" of "graph.concept" already.',
        ),
        ([], "", "it has no record of graph.concept"),
        ([concept("a", "a", title=7)], "[0].fields.title", "Text is needed here, not the number 7."),
        ([concept("a", "a", tags="x")], "[0].fields.tags", 'A list of text is needed here, not "x".'),
        ([concept("a", "a", learn_time="1")], "[0].fields.learn_time", "A number is needed here"),
        ([concept("a", "a", learn_time=-1)], "[0].fields.learn_time", "Hours go from 0 to 10,000"),
        ([concept("a", "a", is_shortcut=1)], "[0].fields.is_shortcut", "true or false is needed here"),
        ([concept("a", "a"), dependency("a", "a")], "[1].fields.target", "cannot depend on itself"),
        (
            [concept("a", "a"), dependency("z", "a")],
            "[1].fields.source",
            "No concept of this file has the key",
        ),
        (
            [concept("a", "a"), dependency("a", "z")],
            "[1].fields.target",
            "No concept of this file has the key",
        ),
    ],
)
def test_each_fault_has_its_place(records: list[object], path: str, said: str) -> None:
    (fault,) = faults(*records)
    assert (fault.file, fault.path) == ("graph_data.json", path)
    assert said in fault.message
    assert fault.line is not None


def test_all_faults_are_told_and_a_file_that_is_no_list_is_refused() -> None:
    assert len(faults(concept("a", "a", title=1, tags=2), dependency("x", "a"))) == 3
    with pytest.raises(InvalidDocument, match="A dump is a list of records, not a mapping"):
        metacademy.parse(b"{}", name="x.json")


def test_more_sections_than_a_roadmap_can_have_are_a_fault() -> None:
    (fault,) = faults(*(concept(str(number), f"c{number}", tags=[f"t{number}"]) for number in range(1_001)))
    assert fault.message == "A roadmap can have 1,000 sections, and the tags make 1,001."


def test_the_roadmap_is_called_metacademy_unless_it_is_called_otherwise() -> None:
    assert read(concept("a", "a")).document.roadmap.slug == "metacademy"
    roadmap = read(concept("a", "a"), slug="maths", title="Maths").document.roadmap
    assert (roadmap.slug, roadmap.title) == ("maths", "Maths")


def test_keys_may_be_numbers_and_dependencies_stand_twice() -> None:
    reading = read(
        record("concept", 1, tag="a", title="A"),
        record("concept", 2, tag="b", title="B"),
        record("dependency", 1, source="1", target="2", reason="First."),
        record("dependency", 2, source="1", target="2", reason="Second."),
    )
    assert reading.document.topics[1].requires == (Requirement(("a",), reason="First."),)
    assert any("have one already: 1." in note.message for note in reading.notes)
