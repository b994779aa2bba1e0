"""Random catalogues that keep the limits of a roadmap file, for property tests."""

from __future__ import annotations

from types import MappingProxyType

from hypothesis import strategies as st

from graph_api.knowledge.change import Definition, Document, Reference
from graph_api.knowledge.model import (
    Catalogue,
    Placement,
    Recommendation,
    Requirement,
    Resource,
    Roadmap,
    Section,
    Topic,
)
from graph_api.knowledge.requirement import combine

AWKWARD = [
    "no",
    "on",
    "null",
    "~",
    "true",
    "1.0",
    "1e5",
    "0x1f",
    "2024-01-01",
    "12:30:00",
    ".inf",
    "- dash",
    "-",
    "a: b",
    "a #b",
    "#a",
    "'quoted'",
    '"',
    "back\\slash",
    "trailing ",
    " leading",
    "two  spaces",
    "&anchor",
    "*alias",
    "!tag",
    "%directive",
    "@at",
    "`",
    "{a}",
    "[a]",
    "a:",
    "?",
    "---",
    "...",
    "🥐 croissant",
    "e\u0301",
    "\u2028",
    "\ufeff",
    "\u00a0x",
    "x\u00a0",
    "Überblick",
    "日本語",
    "word " * 30 + "end",
    "x" * 150,
]
SLUGS = ["a", "b", "c", "d", "e", "f-1", "no", "1", "1e5", "2024-01-01", "null", "0x1", "y"]

characters = st.characters(exclude_categories=["Cc", "Cs"])
lines = st.one_of(st.sampled_from(AWKWARD), st.text(characters, max_size=200)).filter(
    lambda text: bool(text.strip())
)
titles = lines.filter(lambda text: len(text) <= 200)
summaries = st.one_of(
    st.just(""),
    lines,
    st.lists(st.one_of(lines, st.just(""), st.just(" "), st.just("\t")), min_size=1, max_size=5).map(
        "\n".join
    ),
)
reasons = st.one_of(st.just(""), lines)
slugs = st.sampled_from(SLUGS)

resources = st.builds(
    Resource,
    url=st.sampled_from(["https://a.example/", "http://b.example/#x", "https://c.example/?q=a:b"]),
    title=titles,
    kind=st.sampled_from(["docs", "article", "video"]),
)


@st.composite
def requirements(draw: st.DrawFn, before: list[str]) -> tuple[Requirement, ...]:
    """Requirements on topics of `before`, so that the topic stays learnable."""
    groups = []
    for _ in range(draw(st.integers(0, 3)) if before else 0):
        of = draw(st.sets(st.sampled_from(before), min_size=1, max_size=4))
        need = draw(st.integers(1, max(1, len(of) - 1)))
        groups.append(Requirement(tuple(sorted(of)), need, draw(reasons)))
    return combine(groups)


@st.composite
def topics(draw: st.DrawFn, slug: str, before: list[str]) -> Topic:
    others = st.sampled_from(before) if before else st.nothing()
    return Topic(
        slug=slug,
        title=draw(titles),
        summary=draw(summaries),
        hours=draw(st.none() | st.floats(0, 10_000) | st.integers(0, 100).map(float)),
        tags=tuple(draw(st.lists(slugs, unique=True, max_size=3))),
        resources=tuple(draw(st.lists(resources, unique_by=lambda resource: resource.url, max_size=2))),
        requires=draw(requirements(before)),
        recommends=tuple(
            sorted(
                draw(
                    st.lists(
                        st.builds(Recommendation, topic=others, reason=reasons),
                        unique_by=lambda item: item.topic,
                        max_size=2,
                    )
                ),
                key=lambda item: item.topic,
            )
        ),
    )


@st.composite
def roadmaps(draw: st.DrawFn, slug: str, placeable: list[str]) -> Roadmap:
    placed = draw(st.lists(st.sampled_from(placeable), unique=True, max_size=6)) if placeable else []
    names = draw(st.lists(slugs, unique=True, min_size=1, max_size=3))
    sections = [
        Section(
            slug=name,
            title=draw(titles),
            summary=draw(summaries),
            optional=draw(st.booleans()),
            placements=tuple(Placement(topic, draw(st.booleans())) for topic in placed[at :: len(names)]),
        )
        for at, name in enumerate(names)
    ]
    language = draw(st.sampled_from(["en", "pt-BR", "no"]))
    return Roadmap(slug, draw(titles), draw(summaries), language, tuple(sections))


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """A catalogue of up to six topics and two roadmaps, in which every topic can be learned."""
    names = draw(st.lists(slugs, unique=True, max_size=6))
    found = {slug: draw(topics(slug, names[:place])) for place, slug in enumerate(names)}
    plans = {slug: draw(roadmaps(slug, names)) for slug in draw(st.sets(slugs, max_size=2))}
    return Catalogue(MappingProxyType(found), MappingProxyType(plans))


def document(roadmap: Roadmap, defined: list[Topic], *, name: str) -> Document:
    """A document that says the roadmap and defines these topics, and mentions what both mention."""
    mentioned = [Reference(topic, "placement") for topic, _ in roadmap.placed()]
    for topic in defined:
        mentioned += (Reference(slug, "requirement") for group in topic.requires for slug in group.of)
        mentioned += (Reference(item.topic, "recommendation") for item in topic.recommends)
    return Document(name, roadmap, tuple(map(Definition, defined)), tuple(mentioned), 1)
