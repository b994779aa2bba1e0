"""What is written as a roadmap file is read back as it was."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

import pytest
import yaml
from hypothesis import given, settings

from graph_api.formats import roadmap1
from graph_api.knowledge.change import rests
from graph_api.knowledge.model import Catalogue, Requirement, Roadmap, Topic
from tests.catalogues import catalogues
from tests.example import CATALOGUE, FILES

Writer = Callable[[Roadmap, Mapping[str, Topic]], bytes]
WRITERS: list[tuple[Writer, str]] = [(roadmap1.dump, "x.yaml"), (roadmap1.dump_json, "x.json")]


@pytest.mark.parametrize(("write", "name"), WRITERS)
@given(catalogue=catalogues())
@settings(deadline=None)
def test_a_roadmap_and_all_it_rests_on_come_back_and_are_written_the_same_again(
    write: Writer, name: str, catalogue: Catalogue
) -> None:
    for roadmap in catalogue.roadmaps.values():
        written = write(roadmap, catalogue.topics)
        document = roadmap1.parse(written, name=name)
        read = {topic.slug: topic for topic in document.topics}
        needed = rests(catalogue.topics, [topic for topic, _ in roadmap.placed()])
        assert document.roadmap == roadmap
        assert read == {slug: catalogue.topics[slug] for slug in needed}
        assert write(document.roadmap, read) == written


@given(catalogue=catalogues())
@settings(deadline=None, max_examples=40)
def test_a_file_says_the_same_to_other_readers_of_yaml_and_of_json(catalogue: Catalogue) -> None:
    for roadmap in catalogue.roadmaps.values():
        text = roadmap1.dump(roadmap, catalogue.topics)
        same = roadmap1.dump_json(roadmap, catalogue.topics)
        assert yaml.safe_load(text) == json.loads(same)


@pytest.mark.parametrize("name", FILES)
def test_the_example_is_written_as_its_author_wrote_it(name: str) -> None:
    document = roadmap1.parse(FILES[name], name=name)
    assert roadmap1.dump(document.roadmap, {topic.slug: topic for topic in document.topics}) == FILES[name]


def test_a_roadmap_is_written_with_topics_outside_of_it_that_it_rests_on() -> None:
    written = roadmap1.dump(CATALOGUE.roadmaps["baker"], CATALOGUE.topics)
    document = roadmap1.parse(written, name="baker.yaml")
    defined = {topic.slug for topic in document.topics}
    placed = {topic for topic, _ in document.roadmap.placed()}
    assert defined - placed == {"hygiene", "pizza-dough"}
    assert {reference.topic for reference in document.references} <= defined


def test_topics_that_are_not_handed_over_are_written_as_references() -> None:
    written = roadmap1.dump(CATALOGUE.roadmaps["pizzaiolo"], {})
    document = roadmap1.parse(written, name="pizzaiolo.yaml")
    assert document.roadmap == CATALOGUE.roadmaps["pizzaiolo"]
    assert document.topics == ()
    assert b"- slug: wild-yeast\n        optional: true\n      - pizza-dough\n" in written


def test_requirements_are_written_in_their_shortest_form() -> None:
    topic = Topic(
        "t",
        "T",
        requires=(Requirement(("a",)), Requirement(("b", "c"), reason="R."), Requirement(("d", "e", "f"), 2)),
    )
    example = CATALOGUE.roadmaps["pizzaiolo"]
    written = roadmap1.dump(Roadmap("r", "R", sections=example.sections[:1]), {"flour": topic}).decode()
    assert (
        "        requires:\n"
        "          - a\n"
        "          - any: [b, c]\n"
        "            reason: R.\n"
        "          - at_least: 2\n"
        "            of: [d, e, f]\n"
    ) in written


@pytest.mark.parametrize(
    ("title", "line"),
    [
        ("no", 'title: "no"'),
        ("1.0", 'title: "1.0"'),
        ("2024-01-01", 'title: "2024-01-01"'),
        ("- a", 'title: "- a"'),
        ("end ", 'title: "end "'),
        ("Überblick 🥐", "title: Überblick 🥐"),
        ("C#", "title: C#"),
        ("a #b", 'title: "a #b"'),
    ],
)
def test_text_is_quoted_only_where_a_reader_would_take_it_for_something_else(title: str, line: str) -> None:
    assert f"\n{line}\n" in roadmap1.dump(Roadmap("r", title), {}).decode()


def test_long_text_is_folded_and_text_of_several_lines_is_kept_in_lines() -> None:
    folded = roadmap1.dump(Roadmap("r", "R", summary="word " * 40 + "end"), {}).decode()
    assert "summary: >-\n  word word" in folded
    assert max(map(len, folded.splitlines())) <= 100
    assert (
        "summary: |-\n  one\n\n  two\n" in roadmap1.dump(Roadmap("r", "R", summary="one\n\ntwo"), {}).decode()
    )
