"""Runs one benchmark by name, or all of them."""

import importlib
import sys

NAMES = (
    "placing",
    "pages",
    "replay",
    "replenishment",
    "stock",
    "selling_out",
    "intake",
    "processing",
    "rehearsing",
    "life",
    "backlog",
    "retention",
)


def main() -> int:
    chosen = [name for name in sys.argv[1:] if name] or list(NAMES)
    for name in chosen:
        if name not in NAMES:
            print(f"There is no benchmark {name}; there are: {', '.join(NAMES)}.")
            return 2
        importlib.import_module(f"bench.{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
