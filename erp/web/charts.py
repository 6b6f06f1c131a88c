"""Draws charts as themed, printable SVG with a table of numbers for screen readers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT, BOTTOM, LEFT = 720, 200, 24, 44
MOST_LABELS = 7  # as many as fit beside each other


@dataclass(frozen=True)
class Chart:
    """A picture, and the same as a table: `rows` are (label, one value for each of `names`)."""

    svg: SafeString
    title: str
    axis: str
    names: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str]]]


class _Plane:
    """Where values lie on the picture."""

    def __init__(self, low: float, high: float, count: int) -> None:
        self.low, self.high = min(0.0, low), max(0.0, high)
        if self.low == self.high:
            self.high = 1.0
        self.scale = (HEIGHT - BOTTOM - 10) / (self.high - self.low)
        self.step = (WIDTH - LEFT) / max(1, count)

    def y(self, value: float) -> float:
        return 10 + (self.high - value) * self.scale

    def x(self, index: int) -> float:
        """The middle of a place on the axis."""
        return LEFT + index * self.step + self.step / 2

    def grid(self) -> SafeString:
        """Lines at round values, named at the left."""
        ticks = _round_values(self.low, self.high)
        return format_html_join(
            "",
            '<line class="axis" x1="{}" x2="{}" y1="{}" y2="{}"/><text x="{}" y="{}" text-anchor="end">{}</text>',
            (
                (
                    LEFT,
                    WIDTH,
                    f"{self.y(v):.1f}",
                    f"{self.y(v):.1f}",
                    LEFT - 6,
                    f"{self.y(v) + 4:.1f}",
                    _short(v),
                )
                for v in ticks
            ),
        )

    def labels(self, names: Sequence[str]) -> SafeString:
        every = -(-len(names) // MOST_LABELS)
        return format_html_join(
            "",
            '<text x="{}" y="{}" text-anchor="middle">{}</text>',
            ((f"{self.x(i):.1f}", HEIGHT - 6, n) for i, n in enumerate(names) if i % every == 0),
        )

    def bar(self, index: int, low: float, high: float, kind: int, text: str) -> SafeString:
        wide = max(1.0, min(self.step * 0.72, 42))
        top, bottom = self.y(max(low, high)), self.y(min(low, high))
        return format_html(
            '<rect class="bar series-{}" x="{}" y="{}" width="{}" height="{}" rx="1.5"><title>{}</title></rect>',
            kind,
            f"{self.x(index) - wide / 2:.1f}",
            f"{top:.1f}",
            f"{wide:.1f}",
            f"{max(0.5, bottom - top):.1f}",
            text,
        )


def bars(
    points: Sequence[tuple[str, Decimal | None]], *, title: str, unit: str, axis: str = ""
) -> Chart:
    """A bar for each (label, value); negative values hang below the line."""
    values = [float(value or 0) for _label, value in points]
    plane = _Plane(min(values, default=0), max(values, default=0), len(values))
    drawn = format_html_join(
        "",
        "{}",
        (
            (plane.bar(i, 0, value, 0, f"{label}: {number(value)}"),)
            for i, ((label, _value), value) in enumerate(zip(points, values, strict=True))
        ),
    )
    names = [label for label, _value in points]
    svg = _picture(plane, names, drawn, f"{title} ({unit})" if unit else title)
    rows = [(name, [number(value)]) for name, value in zip(names, values, strict=True)]
    return Chart(svg, title, axis, [title], rows)


def lines(
    labels: Sequence[str], series: Mapping[str, Sequence[float]], *, title: str, axis: str = ""
) -> Chart:
    """A line for each series of values, one value for each label."""
    every = [float(v) for values in series.values() for v in values]
    plane = _Plane(min(every, default=0), max(every, default=0), len(labels))
    drawn = format_html_join(
        "",
        '<polyline class="line series-{}" points="{}"><title>{}</title></polyline>',
        (
            (
                kind,
                " ".join(f"{plane.x(i):.1f},{plane.y(float(v)):.1f}" for i, v in enumerate(values)),
                name,
            )
            for kind, (name, values) in enumerate(series.items())
        ),
    )
    return _table(_picture(plane, labels, drawn, title, list(series)), labels, series, title, axis)


def stacked(
    labels: Sequence[str], series: Mapping[str, Sequence[float]], *, title: str, axis: str = ""
) -> Chart:
    """A bar for each label, made of one piece for each series; values from zero up."""
    totals = [sum(float(values[i]) for values in series.values()) for i in range(len(labels))]
    plane = _Plane(0, max(totals, default=0), len(labels))
    pieces: list[tuple[SafeString]] = []
    for index, label in enumerate(labels):
        low = 0.0
        for kind, (name, values) in enumerate(series.items()):
            high = low + float(values[index])
            text = f"{label}, {name}: {number(float(values[index]))}"
            pieces.append((plane.bar(index, low, high, kind, text),))
            low = high
    drawn = format_html_join("", "{}", pieces)
    return _table(_picture(plane, labels, drawn, title, list(series)), labels, series, title, axis)


def spark(values: Sequence[float]) -> SafeString:
    """A line as high as a word, beside the figure it belongs to; decorative."""
    if not values:
        return SafeString("")
    low, high = min(values), max(values)
    span = (high - low) or 1
    wide = 90 / max(1, len(values) - 1)
    points = " ".join(
        f"{i * wide:.1f},{22 - (v - low) / span * 20:.1f}" for i, v in enumerate(values)
    )
    return format_html(
        '<svg class="spark" viewBox="0 0 90 24" width="90" height="24" aria-hidden="true"><polyline class="line series-0" points="{}"/></svg>',
        points,
    )


def number(value: float) -> str:
    """A value as the table has it."""
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def _picture(
    plane: _Plane,
    labels: Sequence[str],
    drawn: SafeString,
    title: str,
    legend: Sequence[str] = (),
) -> SafeString:
    keys = format_html_join(
        "",
        '<span class="key series-{}">{}</span>',
        ((i, name) for i, name in enumerate(legend)),
    )
    return format_html(
        '{}<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}</svg>',
        format_html('<p class="legend">{}</p>', keys) if legend else "",
        WIDTH,
        HEIGHT,
        title,
        plane.grid(),
        drawn,
        plane.labels(labels),
    )


def _table(
    svg: SafeString,
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
    title: str,
    axis: str,
) -> Chart:
    rows = [
        (label, [number(float(values[i])) for values in series.values()])
        for i, label in enumerate(labels)
    ]
    return Chart(svg, title, axis, list(series), rows)


def _round_values(low: float, high: float) -> list[float]:
    """Three to six round values that span a range."""
    rough = (high - low) / 4
    size = 10.0 ** (len(str(int(rough))) - 1) if rough >= 1 else 10.0 ** _exponent(rough)
    step = next(m * size for m in (1, 2, 5, 10) if m * size >= rough)
    found: list[float] = []
    value = -int(-low // step) * step
    while value <= high + step / 1000:
        found.append(value)
        value += step
    return found


def _exponent(value: float) -> int:
    exponent = 0
    while value and value < 1:
        value *= 10
        exponent -= 1
    return exponent


def _short(value: float) -> str:
    """A value of the axis in few letters: 1.2k, 3M."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"
