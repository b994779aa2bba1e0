"""Single values, given as a file would say them: the models of whole files check them too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pydantic import ValidationError

from graph_api.errors import Fault, InvalidValues
from graph_api.formats.roadmap1.faults import faults_of
from graph_api.formats.roadmap1.mentions import repeats
from graph_api.formats.roadmap1.schema import FORMAT, Roadmap
from graph_api.formats.roadmap1.tree import Mark, Tree
from graph_api.knowledge import model

_SOMETHING: Final = {"slug": "something", "title": "Something"}
"""Stands for the slug and the title of what is only changed: they are not given, and not looked at."""


def topic(given: Mapping[str, Any]) -> model.Topic:
    """A topic of these keys, its slug and title made up where they are not given.

    Raises InvalidValues with every fault, each at its path within the mapping.
    """
    [found] = _checked({"topics": [{**_SOMETHING, **given}]}, "topics[0]").definitions()
    return found


def section(given: Mapping[str, Any]) -> model.Section:
    """A section of these keys, without topics; as `topic`."""
    [found] = _checked({"sections": [{**_SOMETHING, **given}]}, "sections[0]").value().sections
    return found


def roadmap(given: Mapping[str, Any]) -> model.Roadmap:
    """A roadmap of these keys, without sections; as `topic`."""
    return _checked(given, "").value()


def _checked(given: Mapping[str, Any], within: str) -> Roadmap:
    tree = Tree("", {"format": FORMAT, **_SOMETHING, "sections": [], **given}, Mark(0))
    faults = [*repeats(tree)]
    try:
        found = Roadmap.model_validate(tree.data)
    except ValidationError as error:
        raise InvalidValues([_within(each, within) for each in (*faults, *faults_of(error, tree))]) from error
    if faults:
        raise InvalidValues([_within(each, within) for each in faults])
    return found


def _within(fault: Fault, place: str) -> Fault:
    path = fault.path.removeprefix(place).removeprefix(".")
    return Fault(fault.message, path=path, suggestion=fault.suggestion)
