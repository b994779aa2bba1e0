"""A CSV list of edges is read strictly and loudly, and what is written comes back."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from graph_api.errors import BadInput, Fault, InvalidDocument
from graph_api.formats import edges, roadmap1
from graph_api.formats.reading import Reading
from graph_api.knowledge.change import plan, rests
from graph_api.knowledge.model import (
    Catalogue,
    Placement,
    Recommendation,
    Requirement,
    Roadmap,
    Section,
    Topic,
)
from tests.catalogues import catalogues
from tests.example import CATALOGUE


def read(text: str | bytes, **options: str) -> Reading:
    data = text if isinstance(text, bytes) else text.encode()
    return edges.parse(data, name="folder/My edges.csv", **options)  # type: ignore[arg-type] # texts alone


def topics(text: str | bytes) -> dict[str, Topic]:
    return {topic.slug: topic for topic in read(text).document.topics}


def faults(text: str | bytes) -> tuple[Fault, ...]:
    with pytest.raises(InvalidDocument) as caught:
        read(text)
    return caught.value.faults


def test_from_is_learned_first_and_to_is_what_requires_it() -> None:
    found = topics("from,to\nFlour,Yeast dough\nYeast dough,Croissant\n")
    assert found["croissant"] == Topic("croissant", "Croissant", requires=(Requirement(("yeast-dough",)),))
    assert found["flour"] == Topic("flour", "Flour")


def test_rows_of_one_group_are_alternatives_and_rows_without_one_are_all_needed() -> None:
    text = (
        "from,to,kind,group,need,reason\n"
        "a,t,,,,\n"
        "b,t,requires,x,,\n"
        "c,t,requires,x,,One will do.\n"
        "d,t,requires,2,2,\n"
        "e,t,requires,2,,\n"
        "f,t,requires,2,2,\n"
        "g,t,recommends,,,It helps.\n"
    )
    assert topics(text)["t"].requires == (
        Requirement(("a",)),
        Requirement(("b", "c"), reason="One will do."),
        Requirement(("d", "e", "f"), 2),
    )
    assert topics(text)["t"].recommends == (Recommendation("g", "It helps."),)


def test_a_group_of_which_all_are_needed_is_plain_prerequisites() -> None:
    assert topics("from,to,group,need\na,t,x,2\nb,t,x,2\n")["t"].requires == (
        Requirement(("a",)),
        Requirement(("b",)),
    )


def test_what_another_requirement_implies_is_left_out_with_a_note() -> None:
    reading = read("from,to,group\na,t,\na,t,x\nb,t,x\n")
    assert {topic.slug: topic for topic in reading.document.topics}["t"].requires == (Requirement(("a",)),)
    assert "implied" in {note.kind for note in reading.notes}
    assert topics("from,to,group\na,t,\na,t,x\n")["t"].requires == (Requirement(("a",)),)


def test_topics_stand_in_one_section_in_an_order_in_which_they_can_be_learned() -> None:
    (section,) = read("from,to\nb,c\na,b\nc,d\n").document.roadmap.sections
    assert [placement.topic for placement in section.placements] == ["a", "b", "c", "d"]


def test_that_the_section_is_made_up_is_noted() -> None:
    (note,) = read("from,to\na,b\n").notes
    assert note.message == "All topics stand in one section, in an order in which they can be learned."


def test_a_loop_is_read_and_left_for_the_import_to_refuse() -> None:
    (section,) = read("from,to\na,b\nb,a\nc,a\n").document.roadmap.sections
    assert [placement.topic for placement in section.placements] == ["c", "a", "b"]


def test_slug_and_title_are_those_of_the_file_unless_they_are_given() -> None:
    roadmap = read("from,to\na,b\n").document.roadmap
    assert (roadmap.slug, roadmap.title) == ("my-edges", "My edges")
    roadmap = read("from,to\na,b\n", slug="baker", title="Baker").document.roadmap
    assert (roadmap.slug, roadmap.title) == ("baker", "Baker")
    with pytest.raises(BadInput):
        read("from,to\na,b\n", slug="Not a slug")


def test_texts_that_suggest_one_slug_are_topics_of_their_own_and_noted() -> None:
    reading = read("from,to\nC++,c\nC#,c\n日本,c\n")
    slugs = {topic.title: topic.slug for topic in reading.document.topics}
    assert slugs == {"C++": "c-2", "c": "c", "C#": "c-3", "日本": "topic"}
    assert [note.kind for note in reading.notes].count("slug") == 3


@pytest.mark.parametrize(
    "text",
    [
        b'\xef\xbb\xbffrom,to,reason\nFlour,Dough,"a, b"\n',
        b'from,to,reason\r\n\r\n"Flour","Dough","a, b"\r\n',
        b'\n , ,\nfrom,to,reason\rFlour,Dough,"a, b"',
        b' to , from ,reason\nDough ,  Flour,"a, b"\n',
    ],
)
def test_other_programs_may_have_written_it(text: bytes) -> None:
    assert topics(text)["dough"].requires == (Requirement(("flour",), reason="a, b"),)


def test_a_quoted_field_may_hold_a_line_break_and_the_next_row_has_its_right_line() -> None:
    text = 'from,to,remark\na,b,"one\ntwo"\nx,x,\n'
    (fault,) = faults(text)
    assert fault.line == 4


def test_columns_that_say_nothing_are_noted() -> None:
    (note, *_) = read("from,to,colour,weight\na,b,red,3\n").notes
    assert note.message == 'Columns that say nothing here are left out: "colour", "weight".'


@pytest.mark.parametrize(
    ("text", "said", "suggestion"),
    [
        ("", "lacks from and to", None),
        ("a,b\n", "lacks from and to", None),
        ("from;to\na;b\n", "with commas between", None),
        ("from\na\n", "lacks to", None),
        ("source,target\na,b\n", "from (what is learned first) and to (what requires it)", None),
        ("from,to,gruop\na,b,c\n", 'There is no column "gruop".', "group"),
        ("from,to,Kind\na,b,requires\n", 'There is no column "Kind".', "kind"),
        ("from,to,to\na,b,c\n", 'The column "to" is there 2 times.', None),
    ],
)
def test_the_first_row_is_checked_strictly(text: str, said: str, suggestion: str | None) -> None:
    (fault,) = faults(text)
    assert said in fault.message
    assert (fault.line, fault.suggestion) == (1, suggestion)


@pytest.mark.parametrize(
    ("row", "path", "said"),
    [
        ("a,a", "to", "cannot rest on itself"),
        (",b", "from", "A topic is needed here."),
        ("a,", "to", "A topic is needed here."),
        (f"a,{'x' * 201}", "to", "201 characters; at most 200"),
        ("a,b,needs", "kind", '"needs" is no kind of edge'),
        ("a,b,recommends,x", "group", "A recommendation stands alone"),
        ("a,b,recommends,,1", "group", "A recommendation stands alone"),
        ("a,b,requires,,2", "need", "Only rows with a group"),
        ("a,b,requires,x,0", "need", "1 or more"),
        ("a,b,requires,x,-1", "need", "1 or more"),
        ("a,b,requires,x,one", "need", "1 or more"),
        ("a,b,requires,x,2", "need", "A group of 1 asks for 2"),
        (f"a,b,requires,,,{'x' * 501}", "reason", "501 characters; at most 500"),
        ("a,b,requires,,,r,more", "", "This row has 7 fields, the first row 6."),
        ("y,z,requires", "", "This edge is there already, on line 2."),
        ("v,w,requires,g,2", "need", "This group needs 1 on another line, not 2."),
        ("v,w,requires,g,,Other.", "reason", "This group has another reason on a line above."),
    ],
)
def test_each_fault_of_a_row_has_its_line_and_column(row: str, path: str, said: str) -> None:
    head = "from,to,kind,group,need,reason\ny,z,,,,\nu,w,requires,g,1,Why.\n"
    (fault,) = faults(f"{head}{row}\n")
    assert (fault.line, fault.path) == (4, path)
    assert said in fault.message


def test_all_faults_are_told_in_the_order_of_the_text() -> None:
    found = faults("from,to,group,need\na,b,x,3\nc,c,,\nd,b,x,2\n,e,,\n")
    assert [fault.line for fault in found] == [2, 3, 4, 5]


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('from,to\na,b\n"c,d\n', 3, "a quote is opened and never closed"),
        ('from,to\n"a"b,c\n', 2, "starts and ends with one"),
        (b"from,to\na,b\n\xe4,c\n", 3, "not in UTF-8"),
        ("from,to\na,b\n".encode("utf-16"), 1, "not in UTF-8"),
    ],
)
def test_what_is_no_csv_has_one_fault(text: str | bytes, line: int, said: str) -> None:
    (fault,) = faults(text)
    assert fault.line == line
    assert said in fault.message


def test_limits_of_topics_and_of_requirements_are_faults() -> None:
    many = "".join(f"a{number},b{number}\n" for number in range(5_001))
    assert "10,000 topics, not 10,002" in faults(f"from,to\n{many}")[0].message
    heavy = "".join(f"a{number},b\n" for number in range(257))
    assert "256 requirements, not 257" in faults(f"from,to\n{heavy}")[0].message


def test_of_very_many_faults_a_thousand_are_told() -> None:
    found = faults("from,to\n" + "a,a\n" * 5_000)
    assert len(found) == 1_000
    assert found[-1].message == "There are more faults; this is where they stop being told."


@given(catalogue=catalogues())
@settings(deadline=None, max_examples=20)
def test_requirements_and_recommendations_come_back_as_they_were(catalogue: Catalogue) -> None:
    for roadmap in catalogue.roadmaps.values():
        written = edges.dump(roadmap, catalogue.topics)
        found = {topic.slug: topic for topic in edges.parse(written, name="x.csv").document.topics}
        placed = {topic for topic, _ in roadmap.placed()}
        for slug in rests(catalogue.topics, placed):
            topic = catalogue.topics[slug]
            again = found.get(slug, Topic(slug, slug))
            assert (again.requires, again.recommends) == (topic.requires, topic.recommends)
        assert edges.dump(roadmap, catalogue.topics) == written


def test_what_is_read_can_be_imported_and_written_as_a_roadmap_file() -> None:
    reading = edges.parse(edges.dump(CATALOGUE.roadmaps["baker"], CATALOGUE.topics), name="baker.csv")
    document = reading.document
    found = plan(Catalogue(), [document]).after
    written = roadmap1.dump(document.roadmap, found.topics)
    assert roadmap1.parse(written, name="x.yaml").roadmap == document.roadmap


def test_what_a_list_of_edges_cannot_say_is_told() -> None:
    told = [note.message for note in edges.losses(CATALOGUE.roadmaps["pizzaiolo"], CATALOGUE.topics)]
    assert told == [
        "A CSV file names edges and their reasons; left out: the roadmap's own title, summary and language, "
        "2 sections, 1 optional flag, 10 titles, 3 summaries, 9 estimates of hours, 12 tags and 2 resources.",
        "Without an edge, and so left out: tomato-sauce.",
    ]


def test_nothing_is_told_of_a_roadmap_that_is_all_edges() -> None:
    held = {"a": Topic("a", "a"), "b": Topic("b", "b", requires=(Requirement(("a",)),))}
    roadmap = Roadmap("r", "r", sections=(Section("s", "s", placements=(Placement("a"), Placement("b"))),))
    (note,) = edges.losses(roadmap, held)
    assert note.message == "A CSV file names edges and their reasons; left out: 1 section."
