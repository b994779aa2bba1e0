"""Every fault of a roadmap file is told at once, in words for its author, where it stands."""

from __future__ import annotations

import pytest

from graph_api.errors import Fault, InvalidDocument
from graph_api.formats.roadmap1 import parse

HEAD = "format: roadmap/1\nslug: r\ntitle: R\n"
FAULTY = """\
format: roadmap/1
slug: Back End
titel: Backend
language: english!
sections:
  - slug: one
    title: 12
    optional: yes
    topics:
      - slug: a
        title: A
        hours: -3
        sumary: x
        resources:
          - {title: T, url: "ftp://x", kind: dcs}
        requires:
          - {anyy: [b, c]}
          - any: [b, {all: [Ü, {at_leas: 2, of: [q]}]}]
          - at_least: 3
            of: [b, c]
          - a
          - 7
        tags: [x, x]
        tags: [y]
      - a
      - {slug: c, hours: 3}
      - {slug: d, optinal: true}
  - slug: one
    title: "bell \\a"
    topics: none
topics:
  - slug: e
    title: E
    optional: true
    recommends: [f, f]
  - plain
"""
EXPECTED = [
    (2, "slug", "is not a slug", "back-end"),
    (3, "titel", 'no key "titel"', "title"),
    (4, "language", "is not a language tag", None),
    (7, "sections[0].title", "Text is needed here, not the number 12; put it in quotes.", None),
    (8, "sections[0].optional", 'true or false is needed here, not "yes".', "true"),
    (12, "sections[0].topics[0].hours", "This cannot be the number -3: hours go from 0 to 10,000.", None),
    (13, "sections[0].topics[0].sumary", 'A topic has no key "sumary".', "summary"),
    (15, "sections[0].topics[0].resources[0].url", "is not a web address", None),
    (15, "sections[0].topics[0].resources[0].kind", '"dcs" is no kind of resource', "docs"),
    (17, "sections[0].topics[0].requires[0].anyy", 'has no key "anyy"', "any"),
    (18, "sections[0].topics[0].requires[1].any[1].all[0]", '"Ü" is not a slug', None),
    (18, "sections[0].topics[0].requires[1].any[1].all[1].at_leas", 'no key "at_leas"', "at_least"),
    (19, "sections[0].topics[0].requires[2]", 'Topic "a": A group of 2 asks for 3', None),
    (21, "sections[0].topics[0].requires[3]", 'The topic "a" cannot rest on itself.', None),
    (22, "sections[0].topics[0].requires[4]", "Text is needed here, not the number 7", None),
    (23, "sections[0].topics[0].tags[1]", 'The tag "x" is there already, on line 23.', None),
    (24, "sections[0].topics[0].tags", 'The key "tags" stands twice here, first on line 23.', None),
    (25, "sections[0].topics[1]", 'The topic "a" is in this roadmap already, on line 10.', None),
    (26, "sections[0].topics[2].title", "needs a title", None),
    (27, "sections[0].topics[3].optinal", 'has no key "optinal"', "optional"),
    (28, "sections[1].slug", 'The section "one" is in this roadmap already, on line 6.', None),
    (29, "sections[1].title", "U+0007", None),
    (30, "sections[1].topics", 'A list is needed here, not "none".', None),
    (34, "topics[0].optional", 'A topic outside of the sections has no key "optional".', None),
    (35, "topics[0].recommends[1]", 'The topic "f" is recommended already, on line 35.', None),
    (36, "topics[1]", 'A mapping of keys is needed here, not "plain".', None),
]


def faults(text: str | bytes, name: str = "x.yaml", **limits: int) -> tuple[Fault, ...]:
    with pytest.raises(InvalidDocument) as caught:
        parse(text if isinstance(text, bytes) else text.encode(), name=name, **limits)
    return caught.value.faults


def test_all_faults_of_a_file_come_in_one_report_in_the_order_of_the_text() -> None:
    found = faults(FAULTY)
    assert [(fault.line, fault.path, fault.suggestion) for fault in found] == [
        (line, path, suggestion) for line, path, _, suggestion in EXPECTED
    ]
    for fault, (_, _, said, _) in zip(found, EXPECTED, strict=True):
        assert said in fault.message
        assert fault.file == "x.yaml"


def test_no_fault_speaks_of_our_models() -> None:
    told = " ".join(map(str, faults(FAULTY)))
    for word in ("Input should", "pydantic", "<", "Something else", "dict", "_type"):
        assert word not in told


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "The file is empty."),
        ("# nothing\n", 1, "The file is empty."),
        ("a: 1\nb: c: d\n", 2, 'Text that holds ": " needs quotes'),
        ("a:\n\t- b\n", 2, "Indent with spaces"),
        ('a: "x\n', 2, "never closed"),
        ("a: &x 1\nb: *x\n", 1, "Anchors are not allowed"),
        ("a: 1\nb: *x\n", 2, "Aliases are not allowed"),
        ("a: 1\nb: !!python/object:os.system x\n", 2, "Tags are not allowed"),
        ("a: 1\n---\nb: 2\n", 2, "second document starts here"),
        ("? [a]\n: b\n", 1, "A key must be plain text"),
        ("a: 1\nb: \x00\n", 2, "U+0000"),
        (b"a: 1\nb: \xe9\n", 2, "not in UTF-8"),
        ("a: 1".encode("utf-16"), 1, "not in UTF-8"),
        ("%YAML 9.9\n---\na: 1\n", 1, "not valid YAML"),
    ],
)
def test_a_file_that_cannot_be_read_has_one_fault_with_its_line(
    text: str | bytes, line: int, said: str
) -> None:
    (fault,) = faults(text)
    assert fault.line == line
    assert said in fault.message


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('{\n"a": 1,\n}', 3, "not valid JSON"),
        ('{\n"a": NaN}', 2, "it has no NaN"),
        ('{"a": 1} {}', 1, "not valid JSON"),
        ("", 1, "not valid JSON"),
        ("[" * 100_000, 1, "64 levels"),
        ('{"a":' * 100_000, 1, "64 levels"),
    ],
)
def test_json_that_cannot_be_read_has_one_fault_with_its_line(text: str, line: int, said: str) -> None:
    (fault,) = faults(text, name="x.json")
    assert fault.line == line
    assert said in fault.message


def test_a_fault_in_json_has_line_and_path() -> None:
    head = '{"format": "roadmap/1", "slug": "r",\n'
    text = head + ' "title": "\\ud800",\n "slug": "s",\n "sections": [{\n"slug": 1}]}'
    assert [(fault.line, fault.path) for fault in faults(text, name="x.json")] == [
        (2, "title"),
        (3, "slug"),
        (4, "sections[0].title"),
        (5, "sections[0].slug"),
    ]


@pytest.mark.parametrize(
    ("line", "path", "said"),
    [
        ("summary: {}", "summary", "Text is needed here, not a mapping."),
        ("summary:", "summary", "Text is needed here, not nothing."),
        ("title: ''", "title", "at least one character"),
        ("title: ' '", "title", "nothing but spaces"),
        ('title: "a\\nb"', "title", "one line"),
        (f"title: {'x' * 201}", "title", "201 characters; at most 200"),
        ("language: 1", "language", "put it in quotes"),
        (f"slug: {'x' * 81}", "slug", "81 characters; at most 80"),
    ],
)
def test_each_limit_of_a_text_is_said_in_words(line: str, path: str, said: str) -> None:
    key = line.partition(":")[0]
    rest = "\n".join(other for other in [*HEAD.splitlines(), "sections: []"] if not other.startswith(key))
    (fault,) = faults(f"{rest}\n{line}\n")
    assert fault.path == path
    assert said in fault.message


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("hours: .inf", "hours go from"),
        ("hours: .nan", "hours go from"),
        ("hours: true", "A number is needed here, not true."),
        (f"hours: {'9' * 5000}", "hours go from"),
        ("hours: 10000.5", "hours go from"),
        (f"tags: [{', '.join(f't{number}' for number in range(21))}]", "21 items; at most 20"),
        ("resources: [{title: T, url: 'https://'}]", "is not a web address"),
        ("resources: [{title: T, url: 'javascript:alert(1)'}]", "is not a web address"),
        ("resources: [{title: T, url: 'https://a.example/b c'}]", "is not a web address"),
        ("resources: [{title: T, url: 'https://a/'}, {title: U, url: 'https://a/'}]", "is there already"),
        ("requires: [{at_least: 0, of: [a]}]", "1 or more"),
        ("requires: [{any: []}]", "at least one item"),
        ("requires: [{any: [a, {any: [b], reason: R.}]}]", 'has no key "reason"'),
        ("requires: [{any: [a], all: [b]}]", 'has no key "all"'),
        ("requires: [[a]]", "A topic's slug or a mapping is needed here, not a list."),
        ("recommends: [{any: [a]}]", "A recommendation has no key"),
    ],
)
def test_each_limit_of_a_topic_is_said_in_words(field: str, said: str) -> None:
    found = faults(f"{HEAD}sections: []\ntopics:\n  - slug: t\n    title: T\n    {field}\n")
    assert any(said in fault.message for fault in found)
    assert all(fault.line == 8 and fault.path.startswith("topics[0].") for fault in found)


def test_another_version_of_the_format_is_refused() -> None:
    (fault,) = faults("format: roadmap/2\nslug: r\ntitle: R\nsections: []\n")
    assert fault.message == 'Only "roadmap/1" can be read, not "roadmap/2".'


def test_what_a_terminal_might_obey_is_never_shown_as_it_is() -> None:
    (fault,) = faults('{"format": "roadmap/1", "slug": "r", "title": "R", "sections": [], "\\u001b[31m": 1}')
    assert "\x1b" not in str(fault)
    assert fault.path == "\\x1b[31m"


def test_a_file_beyond_the_limit_of_bytes_is_refused() -> None:
    (fault,) = faults("a" * 101, max_bytes=100)
    assert fault.message == "The file is larger than 100 bytes."


def test_of_very_many_faults_the_first_thousand_are_told_and_the_rest_counted() -> None:
    found = faults(f"{HEAD}sections: []\n" + "".join(f"k{number}: 1\n" for number in range(1_500)))
    assert len(found) == 1_001
    assert found[-1].message == "And 500 more faults."
