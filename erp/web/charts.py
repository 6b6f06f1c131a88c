"""Charts as SVG made on the server: themed, printable, each with its numbers in a table."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

WIDTH, HEIGHT, BOTTOM = 720, 180, 24


def bars(points: Sequence[tuple[str, Decimal | None]], *, title: str, unit: str) -> SafeString:
    """A bar chart of (label, value); negative values hang below the line."""
    values = [float(value or 0) for _label, value in points]
    if not values:
        return SafeString("")
    high, low = max(0.0, *values), min(0.0, *values)
    span = (high - low) or 1.0
    scale = (HEIGHT - BOTTOM) / span
    zero = high * scale
    step = WIDTH / len(values)
    wide = max(1.0, min(step * 0.72, 42))
    rectangles = format_html_join(
        "",
        '<rect class="bar" x="{}" y="{}" width="{}" height="{}" rx="1.5"><title>{}: {}</title></rect>',
        (
            (
                f"{index * step + (step - wide) / 2:.1f}",
                f"{zero - max(0.0, value) * scale:.1f}",
                f"{wide:.1f}",
                f"{max(0.5, abs(value) * scale):.1f}",
                label,
                f"{value:,.2f}".rstrip("0").rstrip("."),
            )
            for index, ((label, _value), value) in enumerate(zip(points, values, strict=True))
        ),
    )
    every = -(-len(values) // 7)  # as many labels as fit beside each other
    labels = format_html_join(
        "",
        '<text x="{}" y="{}" text-anchor="middle">{}</text>',
        (
            (f"{index * step + step / 2:.1f}", HEIGHT - 6, label)
            for index, (label, _value) in enumerate(points)
            if index % every == 0
        ),
    )
    return format_html(
        '<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{} ({})">'
        '<line class="axis" x1="0" x2="{}" y1="{}" y2="{}"/>{}{}</svg>',
        WIDTH, HEIGHT, title, unit, WIDTH, f"{zero:.1f}", f"{zero:.1f}", rectangles, labels,
    )  # fmt: skip
