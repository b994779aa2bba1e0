"""Documents of a few topics, to be imported."""

from __future__ import annotations

from graph_api.knowledge.change import Definition, Document, Reference
from graph_api.knowledge.model import Placement, Requirement, Roadmap, Section, Topic


def document(
    *topics: Topic, roadmap: str = "small", sections: dict[str, list[str]] | None = None
) -> Document:
    """A document that defines these topics and places them, all in one section if not said otherwise."""
    places = {"all": [topic.slug for topic in topics]} if sections is None else sections
    return Document(
        f"{roadmap}.yaml",
        Roadmap(
            roadmap,
            roadmap.title(),
            sections=tuple(
                Section(slug, slug.title(), placements=tuple(map(Placement, held)))
                for slug, held in places.items()
            ),
        ),
        tuple(map(Definition, topics)),
        tuple(Reference(slug, "placement") for held in places.values() for slug in held),
    )


def needing(slug: str, *of: str) -> Topic:
    return Topic(slug, slug.title(), requires=tuple(Requirement((each,)) for each in of))
