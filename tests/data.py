"""Where real data and payloads written by others lie: beside the checkout; absent, what needs them says so."""

from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared/data"
