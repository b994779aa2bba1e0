"""What a roadmap file says becomes a document."""

from __future__ import annotations

import json

import pytest
import yaml

from graph_api.errors import InvalidDocument
from graph_api.formats.roadmap1 import json_schema, parse, yaml_events
from graph_api.knowledge.change import Reference
from graph_api.knowledge.model import Placement, Recommendation, Requirement, Resource
from tests.example import BAKER, CATALOGUE, DOCUMENTS, FILES
from tests.pace import within

HEAD = "format: roadmap/1\nslug: r\ntitle: R\n"
TOPIC = f"{HEAD}sections: []\ntopics:\n  - slug: t\n    title: T\n"


def test_the_example_is_read_as_its_author_meant_it() -> None:
    bread = CATALOGUE.topics["sourdough-bread"]
    either = Requirement(("hand-kneading", "mixer"))
    assert bread.requires == (Requirement(("wild-yeast",), reason="It is the only leaven in it."), either)
    assert bread.recommends[0].topic == "yeast-dough"
    assert CATALOGUE.topics["night-shift"].requires[1].need == 2
    assert CATALOGUE.topics["wood-fired-oven"].hours is None
    assert CATALOGUE.topics["flour"].resources[1] == Resource("https://example.org/flour", "On Flour")
    assert [section.optional for section in CATALOGUE.roadmaps["baker"].sections] == [False, False, True]
    assert Placement("wild-yeast", optional=True) in CATALOGUE.roadmaps["pizzaiolo"].sections[0].placements


def test_every_mention_of_a_topic_is_known_with_its_line_and_path() -> None:
    baker, pizzaiolo = DOCUMENTS
    lines = BAKER.splitlines()
    assert Reference("wild-yeast", "placement", 12, "sections[0].topics[3].slug") in pizzaiolo.references
    for reference in baker.references:
        assert reference.line is not None
        assert reference.topic in lines[reference.line - 1]
    for definition in baker.definitions:
        assert definition.line is not None
        assert lines[definition.line - 1].strip().endswith(f"slug: {definition.topic.slug}")
    assert baker.references[5].path == "sections[1].topics[1].requires[0].any[1]"
    assert baker.line == 2


def test_nested_requirements_are_read_in_normal_form() -> None:
    text = (
        f"{TOPIC}    requires:\n      - any: [a, {{all: [b, c]}}]\n        reason: So.\n      - all: [d, e]\n"
    )
    (topic,) = parse(text.encode(), name="x.yaml").topics
    assert topic.requires == (
        Requirement(("a", "b"), reason="So."),
        Requirement(("a", "c"), reason="So."),
        Requirement(("d",)),
        Requirement(("e",)),
    )


def test_recommendations_may_have_a_reason() -> None:
    text = f"{TOPIC}    recommends: [a, {{topic: b, reason: So.}}]\n"
    (topic,) = parse(text.encode(), name="x.yaml").topics
    assert topic.recommends == (Recommendation("a"), Recommendation("b", "So."))


@pytest.mark.parametrize("title", ["no", "on", "yes", "off", "2024-01-01", "12:30:00", "1_000", "<<", "="])
def test_what_only_old_yaml_takes_for_something_else_is_text(title: str) -> None:
    assert parse(f"{HEAD}sections: []\nsummary: {title}\n".encode(), name="x").roadmap.summary == title


@pytest.mark.parametrize(
    ("text", "hours"), [("0", 0), ("1.5", 1.5), ("1e2", 100), ("0x10", 16), ("0o10", 8), ("~", None)]
)
def test_numbers_are_those_of_yaml_1_2_and_zero_hours_are_allowed(text: str, hours: float | None) -> None:
    (topic,) = parse(f"{TOPIC}    hours: {text}\n".encode(), name="x").topics
    assert topic.hours == hours


def test_json_says_the_same_as_yaml() -> None:
    for name, data in FILES.items():
        same = json.dumps(yaml.safe_load(data), indent=1).encode()
        by_name, by_look = parse(same, name=f"{name}.json"), parse(same, name=name.removesuffix(".yaml"))
        assert by_name.roadmap == by_look.roadmap == parse(data, name=name).roadmap
        assert by_name.topics == by_look.topics == parse(data, name=name).topics
        assert all(reference.line for reference in by_name.references)


def test_json_may_have_escapes_and_slashes_that_yaml_has_not() -> None:
    text = r'{"format": "roadmap\/1", "slug": "r", "title": "\ud83e\udd50", "sections": []}'
    assert parse(text.encode(), name="x.json").roadmap.title == "🥐"


def test_a_byte_order_mark_and_line_ends_of_windows_are_fine() -> None:
    data = b"\xef\xbb\xbf" + BAKER.replace("\n", "\r\n").encode()
    assert parse(data, name="baker.yaml").topics == DOCUMENTS[0].topics


def test_the_slower_loader_of_pyyaml_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_events, "_LOADER", yaml.SafeLoader)
    assert parse(FILES["baker.yaml"], name="baker.yaml") == DOCUMENTS[0]


def test_thousands_of_topics_are_read_within_three_seconds() -> None:
    topics = "".join(
        f"      - slug: t{number}\n        title: Topic {number}\n        requires: [{{any: [t0, t1]}}]\n"
        for number in range(2, 4_113)
    )
    text = f"{HEAD}sections:\n  - slug: s\n    title: S\n    topics:\n{topics}"
    with within(3):
        assert len(parse(text.encode(), name="x.yaml").topics) == 4_111


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000, "a:\n- b\n" * 9]
)
@pytest.mark.parametrize("loader", [yaml.SafeLoader, yaml.CSafeLoader])
def test_hostile_nesting_is_refused_within_two_seconds(
    monkeypatch: pytest.MonkeyPatch, loader: type, text: str
) -> None:
    monkeypatch.setattr(yaml_events, "_LOADER", loader)
    with within(2), pytest.raises(InvalidDocument):
        parse(text.encode(), name="x.yaml")


def test_more_topics_than_a_file_may_define_are_refused() -> None:
    topics = "".join(f"  - {{slug: t{number}, title: T}}\n" for number in range(10_001))
    with pytest.raises(InvalidDocument, match="at most 10,000"):
        parse(f"{HEAD}sections: []\ntopics:\n{topics}".encode(), name="x.yaml")


def test_the_json_schema_describes_every_key_and_allows_no_other() -> None:
    schema = json_schema()
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "$id" not in schema
    assert schema["required"] == ["format", "slug", "title", "sections"]
    for shape in (schema, *schema["$defs"].values()):
        assert shape["description"]
        assert shape["additionalProperties"] is False
        for value in shape["properties"].values():
            assert "title" not in value
            assert value.get("description") or "$ref" in value
