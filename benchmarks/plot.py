"""A plot of rates as SVG: a group of bars for each workload and mode, on a logarithmic scale."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from math import ceil, floor, log10
from typing import Final

from benchmarks.results import Results, Row

CLIENTS: Final = 16
COLOURS: Final = {
    "ours": "#1f6f8b",
    "uncached": "#8fbfd0",
    "apollo": "#e07a3f",
    "naive": "#b9b9b9",
    "cypher": "#6a994e",
    "bare": "#444444",
}
_BAR, _GAP, _TOP, _LEFT, _HEIGHT = 16, 26, 46, 60, 260
_NARROWEST: Final = 520
"""Room for the legend."""


def plot(results: Results) -> str:
    """The rates of (a) to (d) with 16 clients; the line on a bar is the spread over the rounds."""
    groups = _groups(results)
    rates = [rate for _, rows in groups for row in rows for rate in row.spread("rate")]
    if not rates:
        return '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>\n'
    scale = _Scale(floor(log10(min(rates))), ceil(log10(max(rates))))
    width = max(_NARROWEST, _LEFT + sum(_GAP + _BAR * len(rows) for _, rows in groups) + _GAP)
    body = [*_grid(scale, width), *_bars(groups, scale), *_legend(groups)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_TOP + _HEIGHT + 50}"'
        ' font-family="sans-serif" font-size="11">\n'
        '<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(body) + "\n</svg>\n"
    )


class _Scale:
    """From a rate to a height, by powers of ten."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, max(high, low + 1)

    def y(self, rate: float) -> float:
        share = (log10(rate) - self.low) / (self.high - self.low)
        return _TOP + _HEIGHT * (1 - share)


def _groups(results: Results) -> list[tuple[str, list[Row]]]:
    found: dict[str, list[Row]] = {}
    for row in results.rows:
        if row.experiment in {"a", "b", "c", "d"} and row.clients == CLIENTS:
            found.setdefault(f"({row.experiment}) {row.mode}", []).append(row)
    return list(found.items())


def _grid(scale: _Scale, width: int) -> Iterator[str]:
    for power in range(scale.low, scale.high + 1):
        y = scale.y(10**power)
        yield f'<line x1="{_LEFT}" y1="{y:.1f}" x2="{width}" y2="{y:.1f}" stroke="#ddd"/>'
        yield f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{10**power:,}</text>'
    yield f'<text x="8" y="{_TOP - 8}">requests/s, {CLIENTS} clients</text>'


def _bars(groups: list[tuple[str, list[Row]]], scale: _Scale) -> Iterator[str]:
    x, bottom = float(_LEFT + _GAP), _TOP + _HEIGHT
    for title, rows in groups:
        middle = x + _BAR * len(rows) / 2
        yield f'<text x="{middle:.0f}" y="{bottom + 18}" text-anchor="middle">{escape(title)}</text>'
        for row in rows:
            y, (low, high) = scale.y(row.middle("rate")), row.spread("rate")
            colour, centre = COLOURS.get(row.who, "#999"), x + _BAR / 2 - 1
            said = f"{row.who}: {row.middle('rate'):.0f}/s ({low:.0f} to {high:.0f})"
            yield (
                f'<rect x="{x:.0f}" y="{y:.1f}" width="{_BAR - 2}" height="{bottom - y:.1f}"'
                f' fill="{colour}"><title>{escape(said)}</title></rect>'
            )
            yield (
                f'<line x1="{centre}" y1="{scale.y(low):.1f}" x2="{centre}" y2="{scale.y(high):.1f}"'
                ' stroke="black"/>'
            )
            x += _BAR
        x += _GAP


def _legend(groups: list[tuple[str, list[Row]]]) -> Iterator[str]:
    there = {row.who for _, rows in groups for row in rows}
    x = _LEFT
    for who, colour in COLOURS.items():
        if who in there:
            yield f'<rect x="{x}" y="12" width="10" height="10" fill="{colour}"/>'
            yield f'<text x="{x + 14}" y="21">{who}</text>'
            x += 30 + 7 * len(who)
