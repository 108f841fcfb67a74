"""The evidence of a calibration as a drawing: each run a dot, the bounds as lines, the losses."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from grader.judge.calibration import Entry
from grader.judge.threshold import Bounds, Rule

WIDTH, HEIGHT = 640, 190
LEFT, RIGHT, TOP, BOTTOM = 20, 300, 40, 150
CURVE_LEFT, CURVE_RIGHT = 370, 620
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:currentColor}"
    "line,path{stroke:currentColor;fill:none}circle{fill:currentColor;fill-opacity:.5}"
    ".t{stroke-dasharray:4 3}.b{fill:currentColor;fill-opacity:.2;stroke:none}"
)


def draw(entry: Entry, rule: Rule) -> str:
    """Draw the runs of one entry.

    Args:
        entry: At least two runs.
        rule: From which the bounds follow.

    Returns:
        The text of an SVG file that follows light and dark.
    """
    found = entry.bounds(rule)
    title = f"{entry.key.recipe}: {rule.metric} of {len(entry.runs)} runs of the reference"
    where = f"{entry.key.data}, {entry.key.device}, torch {entry.key.torch}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">',
        f"<title>{escape(title)}</title><style>{STYLE}</style>",
        f'<text x="{LEFT}" y="18">{escape(title)}</text>',
        f'<text x="{LEFT}" y="{HEIGHT - 8}">{escape(where)}</text>',
        *_dots(entry.values, found),
        *_band(entry.band()),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _dots(values: Sequence[float], found: Bounds) -> list[str]:
    """Draw one dot a run, from left to right by value, and lines for threshold and mean."""
    shown = [value for value in values if math.isfinite(value)]
    low = min(*shown, found.threshold, found.floor)
    high = max(*shown, found.threshold, found.floor)
    scale = (RIGHT - LEFT) / (high - low or 1)
    parts = []
    for number, value in enumerate(shown):
        x, y = LEFT + (value - low) * scale, TOP + 20 + 60 * (number % 7) / 6
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3"/>')
    for name, value, height in (
        ("mean", found.mean, TOP),
        ("threshold", found.threshold, TOP),
        ("floor", found.floor, TOP),
    ):
        x = LEFT + (value - low) * scale
        parts.append(
            f'<line class="t" x1="{x:.1f}" x2="{x:.1f}" y1="{height + 8}" y2="{BOTTOM - 20}"/>'
        )
        anchor = "end" if x > (LEFT + RIGHT) / 2 + 60 else "start"
        y = {"mean": BOTTOM - 6, "threshold": height + 4, "floor": BOTTOM + 8}[name]
        parts.append(f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}">{name} {value:.3f}</text>')
    return parts


def _band(band: Sequence[tuple[float, float]]) -> list[str]:
    """Draw the band of the losses over the steps."""
    points = [pair for pair in band if all(math.isfinite(value) for value in pair)]
    if len(points) < 2:  # noqa: PLR2004 - no line through one point
        return []
    top = max(high for _, high in points)
    step = (CURVE_RIGHT - CURVE_LEFT) / (len(points) - 1)

    def place(number: int, value: float) -> str:
        y = BOTTOM - 20 - (BOTTOM - TOP - 20) * value / top
        return f"{CURVE_LEFT + number * step:.1f},{y:.1f}"

    upper = [place(number, high) for number, (_, high) in enumerate(points)]
    lower = [place(number, low) for number, (low, _) in enumerate(points)]
    outline = " ".join(["M", *upper, *reversed(lower), "Z"])
    return [
        f'<path class="b" d="{outline}"/>',
        f'<line x1="{CURVE_LEFT}" x2="{CURVE_RIGHT}" y1="{BOTTOM - 20}" y2="{BOTTOM - 20}"/>',
        f'<text x="{CURVE_LEFT}" y="{TOP - 4}">loss, {top:.2f} at most, to the last step</text>',
    ]
