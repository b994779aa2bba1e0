"""Where everybody is measured: one database, and a server for each contestant, started when first needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Final, Self

from benchmarks import database, wire
from benchmarks.contestants import ALL, BARE, OURS, Contestant
from benchmarks.deck import Deck, Mode
from benchmarks.load import Task
from benchmarks.measure import Sample, Stand, send
from benchmarks.question import Kind

WARM_CLIENTS: Final = 4
MOST_SECONDS: Final = 60.0


class Arena:
    """Servers over one catalogue, and the questions that they have not been asked yet.

    It starts the database of so many roadmaps with the `with` block, and ends everything with it. `folder`
    keeps databases from run to run, `logs` what the servers say.
    """

    def __init__(self, *, folder: Path, logs: Path, roadmaps: int) -> None:
        self.roadmaps = roadmaps
        self._folder, self._logs = folder, logs
        self._stack = ExitStack()
        self._stands: dict[str, Stand] = {}
        self._supplies: dict[tuple[str, Kind, Mode], Iterator[bytes]] = {}
        self._warm: set[tuple[str, Kind]] = set()
        self._latest: dict[str, Kind] = {}

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.database = stack.enter_context(database.running(self._folder, self.roadmaps))
            self.deck = Deck(self.roadmaps, self.database.topic_ids())
            self._logs.mkdir(parents=True, exist_ok=True)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def stand(self, contestant: Contestant) -> Stand:
        """A contestant with its server, which is started now if it does not run yet."""
        if contestant.name not in self._stands:
            server = self._stack.enter_context(contestant.server(self.database, self._logs))
            self._stands[contestant.name] = Stand(contestant, server, self.database.pid)
        return self._stands[contestant.name]

    def requests(self, contestant: Contestant, kind: Kind, mode: Mode) -> Iterator[bytes]:
        """What it has not been asked yet; for `repeated` the one request."""
        if mode == "repeated":
            return iter((wire.encode(*contestant.dialect.request(self.deck.whole(kind))),))
        key = (contestant.name, kind, mode)
        if key not in self._supplies:
            questions = self.deck.questions(kind, mode)
            self._supplies[key] = (wire.encode(*contestant.dialect.request(each)) for each in questions)
        return self._supplies[key]

    def window(
        self, contestant: Contestant, kind: Kind, mode: Mode, *, clients: int, seconds: float
    ) -> Sample:
        """Measure one contestant once; it has been asked every selection before."""
        stand = self.stand(contestant)
        self._warm_up(stand, kind, seconds)
        supply = self.requests(contestant, kind, mode)
        cell = (kind, mode, clients)
        return stand.window(cell, supply, clients=clients, seconds=seconds, repeat=mode == "repeated")

    def _warm_up(self, stand: Stand, kind: Kind, seconds: float) -> None:
        """Ask every selection twice, so that plans are made, and so every key of who keeps any; then go on.

        Who keeps any is asked anew after questions of another kind, which may have pushed them out.
        """
        contestant = stand.contestant
        before, self._latest[contestant.name] = self._latest.get(contestant.name), kind
        if (contestant.name, kind) in self._warm and (before == kind or not contestant.keeps):
            return
        self._warm.add((contestant.name, kind))
        if contestant is BARE:
            return
        plans, parts = self.deck.each_selection(kind), self.deck.each_key(kind)
        first = [*plans, *plans, *(2 * parts if contestant.keeps else ())]
        encoded = [wire.encode(*contestant.dialect.request(each)) for each in first]
        ports = [stand.server.port]
        send(Task(ports=ports, requests=encoded, clients=WARM_CLIENTS, seconds=MOST_SECONDS))
        again = encoded[: len(plans)]
        send(Task(ports=ports, requests=again, clients=WARM_CLIENTS, seconds=seconds, repeat=True))

    def check(self, contestants: Sequence[Contestant], kinds: Iterable[Kind]) -> None:
        """Raise AssertionError unless all give the same answers; keep those of ours for the bare route."""
        for kind in kinds:
            for question in chain((self.deck.whole(kind),), self.deck.examples(kind)):
                answers = {}
                for contestant in contestants:
                    if contestant is BARE:
                        continue
                    port = self.stand(contestant).server.port
                    answer, data = wire.ask(port, *contestant.dialect.request(question))
                    answers[contestant.name] = contestant.dialect.content(question, answer)
                    if contestant is OURS and question == self.deck.whole(kind):
                        (self._logs / kind).write_bytes(data)
                first = answers[contestants[0].name]
                differing = [name for name, content in answers.items() if content != first]
                assert not differing, f"{differing} answer otherwise than {contestants[0].name}: {question}"


def named(names: Iterable[str]) -> list[Contestant]:
    """The contestants with these names, in their order."""
    wanted = set(names)
    return [contestant for contestant in ALL if contestant.name in wanted]
