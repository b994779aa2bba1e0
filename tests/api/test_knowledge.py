"""What follows from what someone knows, asked through GraphQL on the worked example."""

from __future__ import annotations

from typing import Any

import pytest

from graph_api.knowledge.model import Catalogue
from graph_api.knowledge.path.choices import choices_of
from tests.conftest import Client

pytestmark = pytest.mark.usefixtures("catalogue")

NEXT = """
query ($known: [String!]!, $goals: [String!]!, $roadmap: String, $includeOptional: Boolean! = false) {
  knowledge(known: $known, goals: $goals, roadmap: $roadmap, includeOptional: $includeOptional) {
    next {
      topic { slug }
      hours
      optional
      sentence
      because { satisfied requirement { need reason of { slug } } satisfiedBy { slug } }
      unlocks { slug }
      serves { slug }
    }
  }
}
"""


def slugs(topics: list[dict[str, str]]) -> list[str]:
    """The slugs of a list of topics."""
    return [topic["slug"] for topic in topics]


async def ranked(client: Client, **variables: Any) -> list[dict[str, Any]]:
    """The answer's `next`, best first."""
    asked = {"known": [], "goals": [], "roadmap": None, **variables}
    found: list[dict[str, Any]] = (await client.ask(NEXT, **asked))["knowledge"]["next"]
    return found


async def test_each_next_topic_says_why_in_data_and_in_words(client: Client) -> None:
    [first, *_] = await ranked(client, known=["flour", "weighing", "mixer"], goals=["pizza-dough"])
    assert first == {
        "topic": {"slug": "yeast-dough"},
        "hours": 6.0,
        "optional": False,
        "sentence": "You know Flour & Water, Weighing and Kneading by Machine, so Yeast Dough is ready:"
        " it leads to Pizza Dough and it makes Croissant 🥐 and Pizza Dough ready.",
        "because": [
            {
                "satisfied": True,
                "requirement": {"need": 1, "reason": "", "of": [{"slug": "flour"}]},
                "satisfiedBy": [{"slug": "flour"}],
            },
            {
                "satisfied": True,
                "requirement": {
                    "need": 1,
                    "reason": "Two grams of yeast cannot be guessed.",
                    "of": [{"slug": "weighing"}],
                },
                "satisfiedBy": [{"slug": "weighing"}],
            },
            {
                "satisfied": True,
                "requirement": {
                    "need": 1,
                    "reason": "Gluten asks for work, whoever does it.",
                    "of": [{"slug": "hand-kneading"}, {"slug": "mixer"}],
                },
                "satisfiedBy": [{"slug": "mixer"}],
            },
        ],
        "unlocks": [{"slug": "croissant"}, {"slug": "pizza-dough"}],
        "serves": [{"slug": "pizza-dough"}],
    }


async def test_only_what_serves_the_goals_comes_next(client: Client) -> None:
    found = await ranked(client, known=["flour", "weighing", "mixer"], goals=["pizza-dough"])
    assert [each["topic"]["slug"] for each in found] == ["yeast-dough"]


async def test_optional_topics_come_up_only_on_request(client: Client) -> None:
    known = ["flour", "weighing", "hand-kneading", "yeast-dough"]
    without = await ranked(client, known=known, roadmap="pizzaiolo")
    included = await ranked(client, known=known, roadmap="pizzaiolo", includeOptional=True)
    assert "wild-yeast" not in {each["topic"]["slug"] for each in without}
    assert [each["optional"] for each in included if each["topic"]["slug"] == "wild-yeast"] == [True]


async def test_unknown_slugs_of_both_lists_are_named_at_once_with_suggestions(client: Client) -> None:
    [error] = await client.errors(NEXT, known=["flower"], goals=["piza-dough"], roadmap=None)
    assert error["extensions"] == {
        "code": "BAD_USER_INPUT",
        "unknown": [
            {"slug": "flower", "suggestions": ["flour"]},
            {"slug": "piza-dough", "suggestions": ["pizza-dough", "yeast-dough"]},
        ],
    }


async def test_an_unknown_roadmap_is_named_with_a_suggestion(client: Client) -> None:
    [error] = await client.errors(NEXT, known=[], goals=[], roadmap="bakr")
    assert error["extensions"]["unknown"] == [{"slug": "bakr", "suggestions": ["baker"]}]


@pytest.mark.parametrize("first", [0, -1, 101])
async def test_next_is_asked_for_1_to_100_topics(client: Client, first: int) -> None:
    query = "query ($first: Int!) { knowledge { next(first: $first) { hours } } }"
    [error] = await client.errors(query, first=first)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_ten_thousand_known_slugs_are_taken_and_one_more_is_not(client: Client) -> None:
    query = "query ($known: [String!]!) { knowledge(known: $known) { known { totalCount } } }"
    data = await client.ask(query, known=["flour"] * 10_000)
    assert data["knowledge"]["known"]["totalCount"] == 1
    [error] = await client.errors(query, known=["flour"] * 10_001)
    assert error["extensions"]["code"] == "BAD_USER_INPUT"


async def test_what_is_missing_makes_a_set_consistent(client: Client) -> None:
    query = """query ($known: [String!]!) { knowledge(known: $known) {
      isConsistent missing { hours optimal topics { slug } } } }"""
    found = (await client.ask(query, known=["yeast-dough", "flour"]))["knowledge"]
    assert found["isConsistent"] is False
    assert found["missing"]["hours"] == 2.5
    assert slugs(found["missing"]["topics"]) == ["weighing", "mixer"]
    mended = (await client.ask(query, known=["yeast-dough", "flour", "weighing", "mixer"]))["knowledge"]
    assert mended["isConsistent"] is True
    assert mended["missing"] == {"hours": 0.0, "optimal": True, "topics": []}


async def test_the_fringes_are_what_can_be_added_and_what_can_be_taken_away(client: Client) -> None:
    query = """query ($known: [String!]!) { knowledge(known: $known) {
      outerFringe { nodes { slug } totalCount } innerFringe { nodes { slug } totalCount } } }"""
    found = (await client.ask(query, known=["flour", "weighing", "mixer", "yeast-dough"]))["knowledge"]
    assert slugs(found["innerFringe"]["nodes"]) == ["yeast-dough"]
    assert slugs(found["outerFringe"]["nodes"]) == [
        "croissant",
        "hand-kneading",
        "hygiene",
        "pizza-dough",
        "tomato-sauce",
        "wild-yeast",
    ]


STATUS = """
query ($known: [String!]!, $topic: String!) {
  knowledge(known: $known) {
    status(topic: $topic) {
      standing
      topic { slug }
      unmet { requirement { of { slug } } cheapestWay { hours topics { slug } } }
      requirements { satisfied satisfiedBy { slug } }
      cheapestWay { hours optimal topics { slug } }
      blockedBy { topics { slug } }
    }
  }
}
"""


@pytest.mark.parametrize(
    ("topic", "standing"),
    [("flour", "KNOWN"), ("mixer", "READY"), ("night-shift", "BLOCKED")],
)
async def test_a_topic_is_known_ready_or_blocked(client: Client, topic: str, standing: str) -> None:
    status = (await client.ask(STATUS, known=["flour"], topic=topic))["knowledge"]["status"]
    assert (status["topic"]["slug"], status["standing"]) == (topic, standing)


async def test_a_blocked_topic_shows_the_cheapest_way_to_each_unmet_requirement(client: Client) -> None:
    known = ["flour", "weighing", "mixer", "yeast-dough", "croissant"]
    status = (await client.ask(STATUS, known=known, topic="night-shift"))["knowledge"]["status"]
    assert [slugs(unmet["cheapestWay"]["topics"]) for unmet in status["unmet"]] == [
        ["hygiene"],
        ["pizza-dough"],
    ]
    assert status["cheapestWay"] == {
        "hours": 16.0,
        "optimal": True,
        "topics": [{"slug": "hygiene"}, {"slug": "pizza-dough"}, {"slug": "night-shift"}],
    }


PATH = """
query ($known: [String!]!, $goals: [String!]!, $roadmap: String, $minimise: PathCost! = HOURS) {
  knowledge(known: $known, goals: $goals, roadmap: $roadmap) {
    isConsistent
    path(minimise: $minimise) {
      totalHours cost lowerBound lowerBoundHours optimal criticalPathHours
      steps { slug } criticalPath { slug } stages { topics { slug } }
      choices { topic { slug } need of { slug } taken { slug } nextBest proven }
    }
  }
}
"""


async def test_a_path_is_cheapest_with_its_proof_and_its_choices(client: Client) -> None:
    data = await client.ask(PATH, known=[], goals=["pizza-dough"], roadmap=None)
    path = data["knowledge"]["path"]
    assert slugs(path["steps"]) == ["weighing", "mixer", "flour", "yeast-dough", "pizza-dough"]
    assert (path["totalHours"], path["lowerBoundHours"], path["optimal"]) == (15.5, 15.5, True)
    assert path["choices"] == [
        {
            "topic": {"slug": "yeast-dough"},
            "need": 1,
            "of": [{"slug": "hand-kneading"}, {"slug": "mixer"}],
            "taken": [{"slug": "mixer"}],
            "nextBest": 18.0,
            "proven": True,
        }
    ]
    assert [slugs(stage["topics"]) for stage in path["stages"]] == [
        ["weighing", "mixer", "flour"],
        ["yeast-dough"],
        ["pizza-dough"],
    ]
    assert (path["criticalPathHours"], slugs(path["criticalPath"])) == (
        13.0,
        ["flour", "yeast-dough", "pizza-dough"],
    )


async def test_choices_are_priced_once_by_however_many_names_they_are_asked_for(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    priced: list[int] = []

    def counted(*of: Any, **rest: Any) -> Any:
        priced.append(1)
        return choices_of(*of, **rest)

    monkeypatch.setattr("graph_api.knowledge.path.cheapest.choices_of", counted)
    one = "path { totalHours %s } "
    asked = "a: choices { need nextBest } b: choices { need nextBest } c: choices { proven }"
    for said, times in (("optimal", 0), (asked, 1)):
        data = await client.ask('{ knowledge(known: [], goals: ["pizza-dough"]) {' + one % said + "} }")
        assert len(priced) == times
    path = data["knowledge"]["path"]
    assert path["a"] == path["b"] == [{"need": 1, "nextBest": 18.0}]
    assert path["c"] == [{"proven": True}]


async def test_fewest_topics_is_another_cost(client: Client) -> None:
    data = await client.ask(PATH, known=[], goals=["pizza-dough"], roadmap=None, minimise="TOPICS")
    assert data["knowledge"]["path"]["cost"] == 5.0
    assert data["knowledge"]["path"]["lowerBoundHours"] is None


async def test_without_goals_a_path_leads_through_the_required_topics_of_a_roadmap(client: Client) -> None:
    path = (await client.ask(PATH, known=[], goals=[], roadmap="pizzaiolo"))["knowledge"]["path"]
    assert "wood-fired-oven" in slugs(path["steps"])
    assert "wild-yeast" not in slugs(path["steps"])


async def test_known_goals_need_no_path(client: Client) -> None:
    path = (await client.ask(PATH, known=["flour"], goals=["flour"], roadmap=None))["knowledge"]["path"]
    assert (path["steps"], path["totalHours"], path["optimal"]) == ([], 0.0, True)


async def test_a_calendar_splits_topics_over_weeks_and_keeps_their_hours(client: Client) -> None:
    query = """{ knowledge(goals: ["yeast-dough"]) { path {
      schedule(hoursPerWeek: 5, start: "2027-01-04", workingDays: true) {
        first last hours parts { week first last hours topic { slug } } } } } }"""
    schedule = (await client.ask(query))["knowledge"]["path"]["schedule"]
    assert (schedule["first"], schedule["last"], schedule["hours"]) == ("2027-01-04", "2027-01-18", 10.5)
    assert sum(part["hours"] for part in schedule["parts"]) == 10.5
    assert {part["week"] for part in schedule["parts"]} == {0, 1, 2}


@pytest.mark.parametrize("hours", ["0", "-1", "168.5", "1e400"])
async def test_impossible_hours_a_week_are_refused(client: Client, hours: str) -> None:
    query = f"""{{ knowledge(goals: ["flour"]) {{ path {{
      schedule(hoursPerWeek: {hours}, start: "2027-01-04") {{ hours }} }} }} }}"""
    [error] = await client.errors(query)
    assert error["extensions"]["code"] in {"BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"}


async def test_progress_counts_required_and_optional_topics_apart(client: Client) -> None:
    query = """{ knowledge(known: ["flour", "wild-yeast"], roadmap: "pizzaiolo") { progress {
      required { knownTopics topics knownHours hours } optional { knownTopics topics } } } }"""
    progress = (await client.ask(query))["knowledge"]["progress"]
    assert progress["required"] == {"knownTopics": 1, "topics": 6, "knownHours": 2.0, "hours": 17.0}
    assert progress["optional"] == {"knownTopics": 1, "topics": 1}


async def test_progress_without_a_roadmap_is_null(client: Client) -> None:
    assert (await client.ask("{ knowledge { progress { required { topics } } } }"))["knowledge"] == {
        "progress": None
    }


async def test_the_diagnosis_finds_what_is_worth_a_look(client: Client, catalogue: Catalogue) -> None:
    query = """{ catalogue { topics diagnosis {
      sound blocking { topics { slug } } unlearnable { totalCount } downstream { totalCount }
      avoidableLoops { topics { slug } } redundant { topic { slug } prerequisite { slug } }
      unplaced { nodes { slug } } neededOptional { need topic { slug } roadmap { slug } optional { slug } }
    } } }"""
    found = (await client.ask(query))["catalogue"]
    assert found["topics"] == len(catalogue.topics)
    assert found["diagnosis"] == {
        "sound": True,
        "blocking": [],
        "unlearnable": {"totalCount": 0},
        "downstream": {"totalCount": 0},
        "avoidableLoops": [{"topics": [{"slug": "sourdough-bread"}, {"slug": "wild-yeast"}]}],
        "redundant": [],
        "unplaced": {"nodes": [{"slug": "hygiene"}]},
        "neededOptional": [],
    }


async def test_a_roadmap_can_be_drawn(client: Client) -> None:
    query = '{ roadmap(slug: "pizzaiolo") { mermaid: diagram dot: diagram(format: DOT) } }'
    drawn = (await client.ask(query))["roadmap"]
    assert drawn["mermaid"].startswith("flowchart")
    assert "Yeast Dough" in drawn["mermaid"]
    assert drawn["dot"].startswith("digraph")
