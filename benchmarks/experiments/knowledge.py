"""(e): what to learn next, and the cheapest path, for random states. No peer answers this."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Final, Literal, TypeAlias

from benchmarks import catalogue, wire
from benchmarks.arena import Arena
from benchmarks.contestants import OURS
from benchmarks.experiments import Run
from benchmarks.measure import Sample

About: TypeAlias = Literal["next", "path"]
SCATTERED: Final = 10

_NEXT: Final = (
    "query Next($known: [String!]!, $roadmap: String) { knowledge(known: $known, roadmap: $roadmap) {"
    " next(first: 5) { topic { slug title } hours sentence } } }"
)
_PATH: Final = (
    "query Path($known: [String!]!, $goals: [String!]!) { knowledge(known: $known, goals: $goals) {"
    " path { totalHours optimal steps { slug title hours } } } }"
)


def knowledge(run: Run) -> None:
    """A row for each of next and path."""
    arena = run.arena()
    supplies = {"next": states(arena.roadmaps, "next"), "path": states(arena.roadmaps, "path")}
    for about, supply in supplies.items():
        arena.stand(OURS).window(f"warm {about}", supply, clients=4, seconds=run.seconds, repeat=False)
        for clients in run.clients:

            def measure(
                about: str = about, supply: Iterator[bytes] = supply, clients: int = clients
            ) -> Sample:
                return arena.stand(OURS).window(
                    (about, clients), supply, clients=clients, seconds=run.seconds, repeat=False
                )

            run.interleave("e", about, clients, [("ours", measure)])


def next_window(run: Run, arena: Arena, *, clients: int) -> Sample:
    """One window of `next` over the catalogue of an arena."""
    supply = states(arena.roadmaps, "next")
    return arena.stand(OURS).window("next", supply, clients=clients, seconds=run.seconds, repeat=False)


def states(roadmaps: int, about: About) -> Iterator[bytes]:
    """Questions about learners in the middle of a roadmap: some sections and some topics they know."""
    random, slugs = Random(about), catalogue.topic_slugs(roadmaps)
    names, size = catalogue.slugs(roadmaps), catalogue.SECTIONS * catalogue.TOPICS
    while True:
        number = random.randrange(roadmaps)
        own = slugs[number * size : (number + 1) * size]
        finished = own[: random.randrange(catalogue.SECTIONS) * catalogue.TOPICS]
        known = [*finished, *random.sample(own, SCATTERED)]
        if about == "next":
            variables: dict[str, object] = {"known": known, "roadmap": names[number]}
            yield wire.encode("/graphql", {"query": _NEXT, "variables": variables})
        else:
            variables = {"known": known, "goals": random.sample(own[-2 * catalogue.TOPICS :], 1)}
            yield wire.encode("/graphql", {"query": _PATH, "variables": variables})
