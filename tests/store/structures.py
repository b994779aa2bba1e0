"""Structures compared: two may be the same however they were made."""

from __future__ import annotations

import numpy as np

from graph_api.store.structure import Structure


def assert_same_structure(found: Structure, expected: Structure) -> None:
    """They are of one revision, and say the same in every part."""
    assert (found.revision, found.entry) == (expected.revision, expected.entry)
    assert found.graph.slugs == expected.graph.slugs
    assert dict(found.graph.number) == dict(expected.graph.number)
    assert found.aliases == expected.aliases
    for name in ("groups", "members", "recommended"):
        for part in ("start", "values"):
            np.testing.assert_array_equal(
                getattr(getattr(found.graph, name), part), getattr(getattr(expected.graph, name), part)
            )
    np.testing.assert_array_equal(found.graph.need, expected.graph.need)
    np.testing.assert_array_equal(found.graph.hours, expected.graph.hours)
    assert {slug: [*each.placed()] for slug, each in found.roadmaps.items()} == {
        slug: [*each.placed()] for slug, each in expected.roadmaps.items()
    }
