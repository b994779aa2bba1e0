"""Parts of answers: which selections are the same, how long a part fits, and what is never one."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
import pytest
from graphql import FieldNode, FragmentDefinitionNode, OperationDefinitionNode, Undefined, parse

from graph_api.endpoint.execution.parts import _LATER, Making, Parts, Shape, Spelled, encode, plain

ERA = object()
SHAPE = Shape("Topic{ slug requirements { need } }", ("first",))


@dataclass
class Context:
    """What is read, and what is touched when."""

    now: tuple[int, object] | None = (1, ERA)
    shared: bool = True
    uses: set[str] = field(default_factory=set)
    unbound: bool = False
    touched: dict[str, int] = field(default_factory=dict)

    def stands(self) -> tuple[int, object] | None:
        return self.now

    def unchanged(self, nodes: Iterable[str], *, since: int) -> bool:
        return all(self.touched.get(node, 0) <= since for node in nodes)

    def use(self, nodes: tuple[str, ...] | None) -> None:
        self.unbound |= nodes is None
        self.uses.update(nodes or ())

    def watch(self) -> object:
        before = (self.uses, self.unbound)
        self.uses, self.unbound = set(), False
        return before

    def watched(self, before: Any) -> tuple[bool, tuple[str, ...] | None]:
        uses = None if self.unbound else tuple(self.uses)
        self.uses, self.unbound = self.uses | before[0], self.unbound or before[1]
        return self.shared, uses


class Maker:
    """Makes the part of a topic, and counts how often."""

    def __init__(self, context: Context, *, unbound: bool = False, made: Any = None) -> None:
        self.context, self.unbound, self.times = context, unbound, 0
        self.made = {"slug": "tea"} if made is None else made

    def __call__(self) -> Any:
        self.times += 1
        self.context.use(None if self.unbound else ("tea", "water"))
        return self.made


def wanted(parts: Parts, first: object = 5, name: str = "tea") -> Parts:
    """The same, which have been asked for the topic before."""
    parts.again((SHAPE.digest, first, name))
    return parts


def once(parts: Parts, maker: Maker, errors: Sequence[object] = (), first: object = 5) -> Any:
    """What an execution of its own gives for the topic."""
    making = Making(parts, maker.context, {"first": first})
    return making.part(SHAPE, "tea", maker, errors)


def shape(document: str, field: str = "topic") -> Shape | None:
    """The shape of a field of the first operation."""
    definitions = parse(document).definitions
    fragments = [each for each in definitions if isinstance(each, FragmentDefinitionNode)]
    operation = definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    fields = [each for each in operation.selection_set.selections if isinstance(each, FieldNode)]
    return Shape.of(
        "Topic", [each for each in fields if each.name.value == field], Spelled(operation, fragments)
    )


def test_what_is_selected_makes_the_shape_and_not_where() -> None:
    one = shape("query A($n: Int) { topic(slug: 1) { slug requirements(first: $n) { need } } }")
    other = shape("query B($n: Int) { roadmap topic { slug requirements(first: $n) { need } } }")
    assert one == other
    assert one is not None
    assert one.variables == ("n",)


@pytest.mark.parametrize(
    "document",
    [
        "{ topic { slug requirements(first: 2) { need } } }",
        "query A($m: Int) { topic { slug requirements(first: $m) { need } } }",
        "query A($n: Int) { topic { title: slug requirements(first: $n) { need } } }",
        "query A($n: Int) { topic { slug requirements(first: $n) { need reason } } }",
        "query A($n: Int) { topic { slug ...F } } fragment F on Topic { requirements(first: $n) { need } }",
    ],
)
def test_anything_else_is_another_shape(document: str) -> None:
    one = shape("query A($n: Int) { topic { slug requirements(first: $n) { need } } }")
    assert shape(document) not in (one, None)


def test_what_a_fragment_says_belongs_to_the_shape_also_of_one_in_another() -> None:
    document = (
        "query A($x: Int) { topic { ...F } } fragment F on T { of { ...G } } fragment G on T { %s(a: $x) }"
    )
    one, other = shape(document % "slug"), shape(document % "title")
    assert one != other
    assert one is not None
    assert one.variables == ("x",)


def test_variables_of_directives_belong_to_the_shape() -> None:
    found = shape("query A($v: Boolean!) { topic { slug @include(if: $v) of { slug } } }")
    assert found is not None
    assert found.variables == ("v",)


@pytest.mark.parametrize("between", [" ", ",", " # ...F\n", "\ufeff"])
def test_however_a_fragment_is_spread_it_belongs_to_the_shape(between: str) -> None:
    document = "{ topic { ...%sF } } fragment F on T { %s { a } }"
    found = [shape(document % (between, name)) for name in ("slug", "title")]
    assert None not in found
    assert found[0] != found[1]


def test_a_shape_is_small_however_long_its_text() -> None:
    leaves = " ".join(f"a{number}: slug" for number in range(300))
    found = shape(f"{{ topic {{ of {{ {leaves} }} }} }}")
    assert found is not None
    assert len(found.digest) == 32


def test_leaves_alone_are_no_part() -> None:
    assert shape("{ topic { slug title } }") is None


def test_two_fields_that_are_one_in_the_answer_have_one_shape() -> None:
    document = "{ topic { slug } topic { of { slug } } }"
    assert shape(document) not in (shape("{ topic { of { slug } } }"), None)


def test_what_is_asked_for_once_is_not_kept() -> None:
    parts, context = Parts(10_000), Context()
    maker = Maker(context)
    assert once(parts, maker) is maker.made
    assert parts.held == 0
    once(parts, maker)
    assert parts.held


def test_whoever_asked_is_forgotten_before_everything_counts_as_asked_for() -> None:
    parts = Parts(10_000)
    for number in range(1_200_000):
        parts.again(("shape", str(number)))
    fresh = [not parts.again(("other", str(number))) for number in range(1000)]
    assert sum(fresh) > 700


def test_a_part_is_made_once_and_says_again_what_it_is_made_of() -> None:
    parts, context = wanted(Parts(10_000)), Context()
    maker = Maker(context)
    first = once(parts, maker)
    again = Context()
    maker.context = again
    assert encode(once(parts, maker)) == encode(first)
    assert maker.times == 1
    assert again.uses == {"tea", "water"}
    assert encode({"topic": first}) == b'{"topic":{"slug":"tea"}}'
    assert plain(first) == {"slug": "tea"}


def test_another_value_of_its_variables_is_another_part() -> None:
    parts, maker = wanted(wanted(Parts(10_000)), first=6), Maker(Context())
    once(parts, maker, first=5)
    once(parts, maker, first=6)
    assert maker.times == 2


@pytest.mark.parametrize("value", [[1], {"a": 1}, "x" * 65])
def test_with_values_too_large_to_keep_there_are_no_parts(value: object) -> None:
    parts, maker = Parts(10_000), Maker(Context())
    assert [once(parts, maker, first=value) for _ in range(2)] == [maker.made] * 2
    assert maker.times == 2


def test_a_write_elsewhere_leaves_it_and_one_that_touches_it_does_not() -> None:
    parts, context = wanted(Parts(10_000)), Context()
    maker = Maker(context)
    once(parts, maker)
    context.now, context.touched = (2, ERA), {"milk": 2}
    once(parts, maker)
    assert maker.times == 1
    context.now, context.touched = (3, ERA), {"water": 3}
    once(parts, maker)
    assert maker.times == 2


def test_a_part_for_which_nothing_more_is_read_is_made_of_its_own_node() -> None:
    parts, context, times = Parts(10_000), Context(), list[int]()
    parts.again((SHAPE.digest, Undefined, "tea"))

    def leaves() -> dict[str, str]:
        times.append(1)
        return {"slug": "tea"}

    for revision, touched in ((1, {}), (2, {"milk": 2}), (3, {"tea": 3})):
        context.now, context.touched = (revision, ERA), touched
        Making(parts, context, {}).part(SHAPE, "tea", leaves, ())
        assert context.uses == {"tea"}
    assert len(times) == 2


def test_what_depends_on_more_is_good_for_its_revision_alone() -> None:
    parts, context = wanted(Parts(10_000)), Context()
    maker = Maker(context, unbound=True)
    once(parts, maker)
    once(parts, maker)
    assert (maker.times, context.unbound) == (1, True)
    context.now = (2, ERA)
    once(parts, maker)
    assert maker.times == 2


def test_a_request_of_an_earlier_revision_and_one_of_another_era_make_their_own() -> None:
    parts, context = wanted(Parts(10_000)), Context(now=(2, ERA))
    maker = Maker(context)
    once(parts, maker)
    context.now = (1, ERA)
    once(parts, maker)
    assert maker.times == 2
    context.now = (2, object())
    once(parts, maker)
    assert maker.times == 3


def test_what_is_not_for_others_is_not_kept() -> None:
    parts, context = wanted(Parts(10_000)), Context(shared=False)
    maker = Maker(context)
    assert once(parts, maker) == maker.made
    once(parts, maker)
    assert (maker.times, parts.held) == (2, 0)


def test_what_has_an_error_in_it_is_not_kept() -> None:
    parts, context, errors = wanted(Parts(10_000)), Context(), list[object]()

    class Failing(Maker):
        def __call__(self) -> Any:
            errors.append("no tea")
            return super().__call__()

    maker = Failing(context)
    assert once(parts, maker, errors) == maker.made
    once(parts, maker, errors)
    assert (maker.times, parts.held) == (2, 0)


def test_what_has_to_be_awaited_is_not_kept() -> None:
    async def later() -> dict[str, str]:
        return {"slug": "tea"}

    parts, context = wanted(Parts(10_000)), Context()
    maker = Maker(context, made=later())
    assert once(parts, maker) is maker.made
    assert parts.held == 0
    maker.made.close()


def test_an_error_leaves_the_context_as_it_was() -> None:
    parts, context = Parts(10_000), Context(uses={"milk"})
    parts.again(("T", "tea"))

    def fail() -> Any:
        context.use(("tea",))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        Making(parts, context, {}).part(Shape("T", ()), "tea", fail, ())
    assert context.uses == {"milk", "tea"}


def test_there_are_never_more_than_fit_and_the_oldest_go_first() -> None:
    parts, context = Parts(5_000), Context()
    for number in range(100):
        parts.keep(("shape", str(number)), b"x" * 100, (), 1, ERA)
        assert parts.held <= 5_000
    assert parts.find(("shape", "0"), context) is None
    assert parts.find(("shape", "99"), context) is not None


def test_one_that_takes_the_place_of_another_counts_once() -> None:
    parts = Parts(5_000)
    parts.keep(("shape", "tea"), b"x" * 100, (), 1, ERA)
    once = parts.held
    for _ in range(100):
        parts.keep(("shape", "tea"), b"x" * 100, (), 1, ERA)
    assert parts.held == once > 100


def test_the_collector_of_garbage_does_not_look_through_them() -> None:
    parts, maker = wanted(Parts(10_000)), Maker(Context(uses={"milk"}))
    once(parts, maker)
    for _ in range(3):  # tuples within tuples: it stops to look at the inner ones first
        gc.collect()
    assert parts._kept
    assert not any(gc.is_tracked(kept) for item in parts._kept.items() for kept in item)


def test_a_part_that_fits_a_later_revision_stays_the_object_that_it_was() -> None:
    """Else a write would leave the collector of garbage tens of thousands of new ones to look through."""
    parts, context = Parts(10**6), Context()
    keys = [("shape", str(number)) for number in range(100)]
    for key in keys:
        parts.keep(key, b"x" * 100, ("tea",), 1, ERA)
    kept, held = [*parts._kept.values()], parts.held
    for revision in (2, 3):
        context.now = (revision, ERA)
        assert all(parts.find(key, context) for key in keys)
    assert all(now is then for now, then in zip(parts._kept.values(), kept, strict=True))
    assert parts.held > held
    context.touched = {"tea": 4}
    context.now = (3, ERA)
    assert all(parts.find(key, context) for key in keys), "they were known to fit revision 3"
    context.now = (4, ERA)
    assert not any(parts.find(key, context) for key in keys)
    for key in keys:
        parts.keep(key, b"x" * 100, ("tea",), 4, ERA)
    assert parts.held == held


def test_with_no_capacity_nothing_is_kept() -> None:
    parts, maker = Parts(0), Maker(Context())
    once(parts, maker)
    once(parts, maker)
    assert (maker.times, parts.held) == (2, 0)


def test_anything_else_in_an_answer_is_no_json() -> None:
    with pytest.raises(orjson.JSONEncodeError):
        encode({"a": object()})


def test_parts_take_about_as_much_memory_as_they_say() -> None:
    parts, count = Parts(10**9), 2_000
    for number in range(count):
        wanted(parts, name=f"tea-{number}")
    gc.collect()
    tracemalloc.start()
    try:
        for number in range(count):
            maker = Maker(Context(), made={"slug": f"tea-{number}", "summary": "x" * 300})
            Making(parts, maker.context, {"first": 5}).part(SHAPE, f"tea-{number}", maker, ())
        del maker
        gc.collect()
        taken, _ = tracemalloc.get_traced_memory()
        assert 0.5 < taken / parts.held < 1.5
        later = Context(now=(2, ERA))
        assert all(parts.find((SHAPE.digest, 5, f"tea-{number}"), later) for number in range(count))
        gc.collect()
        assert 0.5 < (tracemalloc.get_traced_memory()[0] - taken) / (count * _LATER) < 1.5
    finally:
        tracemalloc.stop()
