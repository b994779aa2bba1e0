"""Files of others as they are: read, and learnable, where a folder of them is at hand."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from graph_api.formats import edges, graphml, roadmap1
from graph_api.formats.registry import FORMATS, FormatName
from graph_api.knowledge.change import plan
from graph_api.knowledge.graph import PrerequisiteGraph
from graph_api.knowledge.model import Catalogue
from tests.pace import affordable

FOLDER: Final = os.environ.get("ROADMAP_DATA", "")
SECONDS: Final = 5.0

pytestmark = [
    pytest.mark.realdata,
    pytest.mark.skipif(not FOLDER, reason="ROADMAP_DATA names no folder with files of others"),
]


class Sample(NamedTuple):
    """A file, and how many topics it has at least; new versions of it only grow."""

    path: str
    format: FormatName
    topics: int
    options: Mapping[str, object] = {}


SAMPLES: Final = [
    Sample("exercism-python/config.json", "exercism", 60),
    Sample("exercism-python/config.json", "exercism", 180, {"practice": True, "include_wip": True}),
    Sample("exercism-javascript/config.json", "exercism", 30),
    Sample("exercism-javascript/config.json", "exercism", 150, {"practice": True}),
    Sample("metacademy/graph_data.json", "metacademy", 400),
    Sample("rpi-courses/prerequisites.json", "quatalog", 4_000),
]


@pytest.mark.parametrize(
    "sample", SAMPLES, ids=lambda sample: f"{sample.path} {' '.join(sample.options)}".strip()
)
def test_a_file_is_read_in_seconds_and_all_of_it_can_be_learned(sample: Sample) -> None:
    path = Path(FOLDER) / sample.path
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    before = time.process_time()
    reading = FORMATS[sample.format].read(path.read_bytes(), name=path.name, options=sample.options)
    took = time.process_time() - before
    change = plan(Catalogue(), [reading.document], stubs=True)
    graph = PrerequisiteGraph.build(change.after.topics.values())
    groups = sum(len(topic.requires) for topic in change.after.topics.values())
    figures = f"{len(change.after.topics):,} topics, {groups:,} groups, {len(reading.notes):,} notes"
    rounds = int(graph.rounds().max()) + 1
    print(f"{sample.path}: {figures}, {rounds} rounds, {took:.2f} s")  # noqa: T201 - figures
    assert affordable(took, SECONDS)
    assert len(change.after.topics) >= sample.topics
    assert groups > 0
    assert (graph.rounds() >= 0).all()
    assert reading.notes
    assert {topic for topic, _ in reading.document.roadmap.placed()} <= change.after.topics.keys()


def test_metacademy_keeps_the_limits_of_a_roadmap_file_and_its_requirements_as_csv() -> None:
    path = Path(FOLDER) / "metacademy" / "graph_data.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    document = FORMATS["metacademy"].read(path.read_bytes(), name=path.name).document
    topics = {topic.slug: topic for topic in document.topics}
    again = roadmap1.parse(roadmap1.dump(document.roadmap, topics), name="x.yaml")
    assert (again.roadmap, {topic.slug: topic for topic in again.topics}) == (document.roadmap, topics)
    listed = edges.parse(edges.dump(document.roadmap, topics), name="x.csv").document.topics
    assert {topic.slug: topic.requires for topic in listed if topic.requires} == {
        slug: topic.requires for slug, topic in topics.items() if topic.requires
    }
    assert len(graphml.dump(document.roadmap, topics)) < len(path.read_bytes())
