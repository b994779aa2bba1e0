"""The three seed roadmaps keep their promises: every edge has a reason, none is redundant, nothing blocks."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import networkx as nx
import pytest
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Set

Mapping: TypeAlias = dict[str, Any]

SEED: Final = Path(__file__).parents[2] / "seed"
ROADMAPS: Final = ("backend-developer", "devops-engineer", "frontend-developer")
KINDS: Final = {"docs", "spec", "book", "course", "article", "video", "tool"}
SLUG: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

# The whole vocabulary of tags, so that a filter by tag finds all there is.
TAGS: Final = frozenset(
    """
    accessibility api architecture async automation caching cloud containers data-modelling database delivery
    design framework language messaging networking observability operations performance reliability security
    styling testing tooling web
    """.split()  # noqa: SIM905 - a list of literals would fill a screen
)
KEYS: Final = {
    "roadmap": {"format", "slug", "title", "summary", "language", "sections"},
    "section": {"slug", "title", "summary", "optional", "topics"},
    "topic": {"slug", "title", "summary", "optional", "hours", "tags", "resources", "requires", "recommends"},
    "reference": {"slug", "optional"},
}


@cache
def load(roadmap: str) -> Mapping:
    document: Mapping = yaml.safe_load((SEED / f"{roadmap}.yaml").read_text("utf-8"))
    return document


def placed(roadmap: str) -> Iterator[tuple[Any, bool]]:
    """Each placement of a roadmap as its item in the file and whether it counts as optional there."""
    for section in load(roadmap)["sections"]:
        for item in section["topics"]:
            own = isinstance(item, dict) and item.get("optional", False)
            yield item, section.get("optional", False) or own


def slug_of(item: Any) -> str:
    slug: str = item if isinstance(item, str) else item["slug"]
    return slug


def optional_of(roadmap: str) -> dict[str, bool]:
    return {slug_of(item): optional for item, optional in placed(roadmap)}


def definitions(roadmap: str) -> list[Mapping]:
    return [item for item, _ in placed(roadmap) if isinstance(item, dict) and "title" in item]


@cache
def topics() -> dict[str, Mapping]:
    return {topic["slug"]: topic for roadmap in ROADMAPS for topic in definitions(roadmap)}


def parts(expression: Any) -> tuple[int, list[Any]]:
    """How many of which parts an any / all / at_least expression needs."""
    if "any" in expression:
        return 1, expression["any"]
    if "all" in expression:
        return len(expression["all"]), expression["all"]
    return expression["at_least"], expression["of"]


def leaves(expression: Any) -> set[str]:
    """The slugs that an expression names."""
    if isinstance(expression, str):
        return {expression}
    if "topic" in expression:
        return {expression["topic"]}
    return set().union(*map(leaves, parts(expression)[1]))


def holds(expression: Any, known: Set[str]) -> bool:
    """Whether these known topics meet an expression."""
    if isinstance(expression, str):
        return expression in known
    if "topic" in expression:
        return expression["topic"] in known
    need, of = parts(expression)
    return sum(holds(part, known) for part in of) >= need


def requires(slug: str) -> list[Mapping]:
    found: list[Mapping] = topics()[slug].get("requires", [])
    return found


def recommends(slug: str) -> list[Mapping]:
    found: list[Mapping] = topics()[slug].get("recommends", [])
    return found


def learnable(allowed: Iterable[str]) -> set[str]:
    """The largest knowledge state within these topics: what can be learned without any other."""
    known: set[str] = set(allowed)
    while blocked := {slug for slug in known if not all(holds(item, known) for item in requires(slug))}:
        known -= blocked
    return known


def subsets(slugs: Set[str]) -> Iterator[set[str]]:
    for size in range(len(slugs) + 1):
        yield from map(set, combinations(sorted(slugs), size))


def is_implied(slug: str, requirement: Mapping) -> bool:
    """Whether every state that meets the topic's other requirements meets this one anyway."""
    others = [item for item in requires(slug) if item is not requirement]
    for left in subsets(leaves(requirement)):
        if holds(requirement, left):
            continue
        state = learnable(set(topics()) - {slug} - (leaves(requirement) - left))
        if all(holds(item, state) for item in others):
            return False
    return True


def is_idle(requirement: Mapping, alternative: str) -> bool:
    """Whether no state needs this alternative of a group, because another always comes with it."""
    named = leaves(requirement)
    for chosen in subsets(named):
        needed = holds(requirement, chosen) and not holds(requirement, chosen - {alternative})
        if needed and learnable(set(topics()) - (named - chosen)) >= chosen:
            return False
    return True


def edges(roadmap: str) -> list[tuple[str, str]]:
    """The REQUIRES edges that a file's own topics bring along."""
    return [
        (topic["slug"], leaf)
        for topic in definitions(roadmap)
        for item in requires(topic["slug"])
        for leaf in leaves(item)
    ]


# Files


@pytest.mark.parametrize("roadmap", ROADMAPS)
def test_a_file_holds_nothing_but_the_format(roadmap: str) -> None:
    document = load(roadmap)
    assert set(document) <= KEYS["roadmap"]
    assert (document["format"], document["slug"], document["language"]) == ("roadmap/1", roadmap, "en")
    for section in document["sections"]:
        assert set(section) <= KEYS["section"]
        for item in section["topics"]:
            known = KEYS["topic"] if "title" in item else KEYS["reference"]
            assert isinstance(item, str) or set(item) <= known


@pytest.mark.parametrize("roadmap", ROADMAPS)
def test_no_mapping_has_a_key_twice(roadmap: str) -> None:
    nodes = [yaml.compose((SEED / f"{roadmap}.yaml").read_text("utf-8"))]
    while nodes:
        node = nodes.pop()
        if isinstance(node, yaml.MappingNode):
            keys = [key.value for key, _ in node.value]
            assert len(keys) == len(set(keys)), node.start_mark
            nodes += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            nodes += node.value


@pytest.mark.parametrize("roadmap", ROADMAPS)
def test_lines_are_short_and_clean_under_an_opening_comment(roadmap: str) -> None:
    text = (SEED / f"{roadmap}.yaml").read_text("utf-8")
    assert text.startswith("# ")
    assert text.endswith("\n")
    for line in text.splitlines():
        assert len(line) <= 110, line
        assert line == line.rstrip(), line
        assert "\t" not in line, line


def test_there_are_three_files() -> None:
    assert sorted(path.stem for path in SEED.glob("*.yaml")) == sorted(ROADMAPS)


def test_the_readme_opens_with_a_complete_example() -> None:
    readme = (SEED / "README.md").read_text("utf-8")
    blocks = re.findall(r"^```yaml\n(.*?)^```", readme, re.DOTALL | re.MULTILINE)
    example = yaml.safe_load(blocks[0])
    assert set(example) == KEYS["roadmap"] | {"topics"}
    assert {key for section in example["sections"] for key in section} == KEYS["section"]
    items = [item for section in example["sections"] for item in section["topics"]]
    assert {key for item in items if isinstance(item, dict) for key in item} == KEYS["topic"]
    for block in blocks:
        yaml.safe_load(block)


# Topics


@pytest.mark.parametrize("roadmap", ROADMAPS)
def test_topics_are_described_estimated_tagged_and_sourced(roadmap: str) -> None:
    for topic in definitions(roadmap):
        assert SLUG.fullmatch(topic["slug"])
        assert len(topic["slug"]) <= 80
        assert 1 <= len(topic["title"]) <= 200
        assert 20 <= len(topic["summary"]) <= 200, topic["slug"]
        assert topic["summary"].endswith("."), topic["slug"]
        assert 1 <= topic["hours"] <= 100, topic["slug"]
        assert 2 <= len(set(topic["tags"])) == len(topic["tags"]) <= 4, topic["slug"]
        assert 1 <= len(topic["resources"]) <= 3, topic["slug"]


@pytest.mark.parametrize("roadmap", ROADMAPS)
def test_sections_are_titled_unique_and_filled(roadmap: str) -> None:
    sections = load(roadmap)["sections"]
    slugs = [section["slug"] for section in sections]
    assert len(slugs) == len(set(slugs))
    assert all(SLUG.fullmatch(slug) for slug in slugs)
    assert all(section["title"] and section["topics"] for section in sections)
    assert len(list(placed(roadmap))) == len(optional_of(roadmap)), "a topic stands in a roadmap once"


def test_each_topic_is_defined_once_and_each_name_is_defined() -> None:
    defined = [topic["slug"] for roadmap in ROADMAPS for topic in definitions(roadmap)]
    assert len(defined) == len(set(defined))
    titles = [topic["title"] for topic in topics().values()]
    assert len(titles) == len(set(titles))
    named = {slug_of(item) for roadmap in ROADMAPS for item, _ in placed(roadmap)}
    for slug in topics():
        named |= set().union(*(leaves(item) for item in requires(slug)))
        named |= {item["topic"] for item in recommends(slug)}
    assert named == set(defined)


def test_tags_come_from_one_vocabulary() -> None:
    used = Counter(tag for topic in topics().values() for tag in topic["tags"])
    assert set(used) == TAGS
    assert min(used.values()) >= 2, used


def test_resources_are_https_and_one_address_is_one_resource() -> None:
    seen: dict[str, Mapping] = {}
    for topic in topics().values():
        addresses = [resource["url"] for resource in topic["resources"]]
        assert len(addresses) == len(set(addresses))
        for resource in topic["resources"]:
            assert set(resource) == {"title", "url", "kind"}
            assert re.fullmatch(r"https://[^\s/]+\.[a-z]+/\S*", resource["url"]), resource["url"]
            assert resource["kind"] in KINDS
            assert seen.setdefault(resource["url"], resource) == resource


# Prerequisites


def test_every_prerequisite_has_a_reason_of_its_own() -> None:
    reasons = [item["reason"] for slug in topics() for item in (*requires(slug), *recommends(slug))]
    assert len(reasons) == len(set(reasons))
    for reason in reasons:
        assert 20 <= len(reason) <= 200, reason
        assert re.fullmatch(r"[A-Z][^!?]*[^.]\.", reason), reason
        assert not re.search(r"\. ", reason), reason


def test_the_backend_roadmap_has_at_least_40_requirements() -> None:
    own = edges("backend-developer")
    assert len(own) == len(set(own)), "a topic is named once among the requirements of another"
    assert len(own) == 67
    assert sum(len(requires(topic["slug"])) for topic in definitions("backend-developer")) == 41


def test_alternatives_and_thresholds_are_used() -> None:
    forms = Counter(key for slug in topics() for item in requires(slug) for key in item)
    assert forms["any"] >= 10
    assert forms["at_least"] >= 2


def test_no_plain_prerequisite_follows_from_others() -> None:
    plain: nx.DiGraph[str] = nx.DiGraph()
    plain.add_nodes_from(topics())
    plain.add_edges_from(
        (slug, item["topic"]) for slug in topics() for item in requires(slug) if "topic" in item
    )
    assert set(nx.transitive_reduction(plain).edges) == set(plain.edges)


@pytest.mark.parametrize("slug", topics())
def test_no_requirement_is_implied_by_the_others(slug: str) -> None:
    for requirement in requires(slug):
        assert not is_implied(slug, requirement), requirement
        for alternative in leaves(requirement):
            assert not is_idle(requirement, alternative), (requirement, alternative)


def test_no_recommendation_repeats_a_requirement() -> None:
    for slug in topics():
        for item in recommends(slug):
            assert slug in learnable(set(topics()) - {item["topic"]}), (slug, item)


def test_nothing_comes_before_itself_not_even_by_recommendation() -> None:
    order: nx.DiGraph[str] = nx.DiGraph()
    for slug in topics():
        order.add_edges_from((leaf, slug) for item in requires(slug) for leaf in leaves(item))
        order.add_edges_from((item["topic"], slug) for item in recommends(slug))
    assert nx.is_directed_acyclic_graph(order)
    assert learnable(topics()) == set(topics())


# Roadmaps


@pytest.mark.parametrize("roadmap", ROADMAPS)
def test_required_topics_need_no_optional_or_foreign_one(roadmap: str) -> None:
    required = {slug for slug, optional in optional_of(roadmap).items() if not optional}
    assert learnable(required) == required


@pytest.mark.parametrize("roadmap", ROADMAPS)
def test_a_roadmap_is_enough_for_all_its_topics(roadmap: str) -> None:
    everything = set(optional_of(roadmap))
    assert learnable(everything) == everything


@pytest.mark.parametrize("language", ["nodejs", "python", "go", "php-laravel"])
def test_one_backend_language_of_your_choice_is_enough(language: str) -> None:
    languages = {"nodejs", "python", "go", "php-laravel"}
    rest = set(optional_of("backend-developer")) - languages
    assert learnable(rest | {language}) == rest | {language}


def test_the_backend_file_names_no_topic_of_another_file() -> None:
    own = {topic["slug"] for topic in definitions("backend-developer")}
    assert own == set(optional_of("backend-developer"))
    for slug in own:
        assert set().union(*(leaves(item) for item in requires(slug))) <= own
        assert {item["topic"] for item in recommends(slug)} <= own


@pytest.mark.parametrize("roadmap", ROADMAPS)
def test_a_roadmap_has_at_least_20_topics_in_several_described_sections(roadmap: str) -> None:
    sections = load(roadmap)["sections"]
    assert len(optional_of(roadmap)) >= 20
    assert len(sections) >= 6
    if roadmap != "backend-developer":
        assert all(section["summary"] for section in sections)


@pytest.mark.parametrize(("one", "other"), list(combinations(ROADMAPS, 2)))
def test_any_two_roadmaps_share_at_least_eight_topics(one: str, other: str) -> None:
    assert len(optional_of(one).keys() & optional_of(other).keys()) >= 8


def test_a_topic_is_optional_in_one_roadmap_and_required_in_another() -> None:
    flags = {
        slug: tuple(optional_of(roadmap).get(slug) for roadmap in ROADMAPS)
        for slug in topics()
        if len({optional_of(roadmap).get(slug) for roadmap in ROADMAPS} - {None}) == 2
    }
    assert flags == {
        "nodejs": (False, True, False),
        "python": (False, False, True),
        "go": (True, False, None),
        "sql-postgresql": (False, False, True),
        "rabbitmq": (False, True, None),
        "input-validation": (False, None, True),
        "load-testing": (True, False, None),
        "linux-basics": (None, False, True),
        "docker": (None, False, True),
    }
