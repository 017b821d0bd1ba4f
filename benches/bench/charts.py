"""Charts as SVG, for light and dark pages: bars of ratios, and curves on logarithmic axes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

TIMES = "\u00d7"

_COLOURS = ("#2563eb", "#d97706", "#059669", "#db2777")
_STYLE = """<style>
text { font: 13px system-ui, sans-serif; fill: #1f2937 }
.title { font-size: 15px; font-weight: 600 }
.note { fill: #6b7280; font-size: 12px }
.grid { stroke: #e5e7eb }
.page { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #e5e7eb } .note { fill: #9ca3af } .grid { stroke: #374151 } .page { fill: #111827 }
}
</style>"""

_WIDTH, _ROW = 760, 26


def bars(title: str, note: str, values: Mapping[str, float], unit: str = TIMES) -> str:
    """A bar for each value, on a logarithmic axis if the largest is over 20 times the smallest.

    Args:
        title: The title of the chart.
        note: The unit of the values, or what they are relative to.
        values: The value of each bar, by its label.
        unit: The text after each number.
    """
    left, right, top = 270, 90, 56
    most, least = max(values.values()), min(values.values())
    is_log = most > 20 * least > 0
    start = math.log(least / 2) if is_log else 0.0
    span = (math.log(most) if is_log else most) - start
    height = top + _ROW * len(values) + 12
    parts = _head(title, note + (", logarithmic" if is_log else ""), height)
    for row, (label, value) in enumerate(values.items()):
        y = top + _ROW * row
        length = max(
            1, ((math.log(value) if is_log else value) - start) / span * (_WIDTH - left - right)
        )
        colour = _COLOURS[0] if "descope_ml" in label else "#94a3b8"
        parts += [
            f'<text x="{left - 10}" y="{y + 16}" text-anchor="end">{escape(label)}</text>',
            f'<rect x="{left}" y="{y + 3}" width="{length:.1f}" height="{_ROW - 8}" rx="3"'
            f' fill="{colour}"/>',
            f'<text x="{left + length + 8:.1f}" y="{y + 16}">{_number(value)} {unit}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def curves(
    title: str, x_label: str, y_label: str, series: Mapping[str, Sequence[Sequence[float]]]
) -> str:
    """A curve for each series, with both axes logarithmic.

    Args:
        title: The title of the chart.
        x_label: What grows.
        y_label: What is measured, and its unit.
        series: The points of each curve, by its label.
    """
    left, right, top, bottom, height = 80, 250, 60, 48, 380
    points = [point for curve in series.values() for point in curve]
    least_x, most_x = min(x for x, _ in points), max(x for x, _ in points)
    least_y, most_y = min(y for _, y in points) / 1.3, max(y for _, y in points) * 1.3

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            left + (_WIDTH - left - right) * math.log(x / least_x) / math.log(most_x / least_x),
            height
            - bottom
            - (height - top - bottom) * math.log(y / least_y) / math.log(most_y / least_y),
        )

    parts = _head(title, f"{y_label}; both axes logarithmic", height)
    for tick in _ticks(least_y, most_y):
        _, y = place(least_x, tick)
        parts += [
            f'<line class="grid" x1="{left}" x2="{_WIDTH - right}" y1="{y:.1f}" y2="{y:.1f}"/>',
            f'<text class="note" x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">'
            f"{_number(tick)}</text>",
        ]
    for tick in sorted({x for x, _ in points}):
        x, _ = place(tick, least_y)
        parts.append(
            f'<text class="note" x="{x:.1f}" y="{height - bottom + 18}" text-anchor="middle">'
            f"{_short(tick)}</text>"
        )
    middle = (left + _WIDTH - right) / 2
    parts.append(
        f'<text class="note" x="{middle}" y="{height - 10}" text-anchor="middle">'
        f"{escape(x_label)}</text>"
    )
    # The dashed line: linear growth from the first point of the first curve.
    (x, y), *_ = next(iter(series.values()))
    end = min(most_x, x * most_y / y)
    (x1, y1), (x2, y2) = place(x, y), place(end, y * end / x)
    parts.append(
        f'<line class="grid" stroke-dasharray="4 4" x1="{x1:.1f}" y1="{y1:.1f}"'
        f' x2="{x2:.1f}" y2="{y2:.1f}"/>'
    )
    for number, (label, curve) in enumerate(series.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        spots = [place(x, y) for x, y in curve]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in spots]
        y = top + 10 + 22 * number
        edge = _WIDTH - right + 16
        parts += [
            f'<rect x="{edge}" y="{y - 9}" width="12" height="12" rx="2" fill="{colour}"/>',
            f'<text x="{edge + 20}" y="{y + 2}">{escape(label)}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def _head(title: str, note: str, height: int) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"'
        f' width="{_WIDTH}" height="{height}" role="img">',
        f"<title>{escape(title)}</title>",
        _STYLE,
        f'<rect class="page" width="{_WIDTH}" height="{height}" rx="8"/>',
        f'<text class="title" x="16" y="26">{escape(title)}</text>',
        f'<text class="note" x="16" y="45">{escape(note)}</text>',
    ]


def _ticks(least: float, most: float) -> list[float]:
    powers = range(math.floor(math.log10(least)), math.ceil(math.log10(most)) + 1)
    steps = (1, 2, 5) if most / least < 100 else (1,)
    ticks = [step * 10.0**power for power in powers for step in steps]
    return [tick for tick in ticks if least <= tick <= most]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _short(value: float) -> str:
    for size, unit in ((1_000_000, "M"), (1000, "k")):
        if value >= size:
            return f"{value / size:g}{unit}"
    return f"{value:g}"
