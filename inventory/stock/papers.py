"""Prints labels of bins and SKUs as PDF."""

from collections.abc import Sequence

from erp.pdf import code128, pdf


def labels(rows: Sequence[tuple[str, str, str]]) -> bytes:
    """Labels 60×30 mm, one a page (PDF): (code in the bars, large text, small text)."""
    return pdf(
        "labels",
        {
            "labels": [
                {"bars": code128(code), "text": text, "small": small} for code, text, small in rows
            ]
        },
    )
