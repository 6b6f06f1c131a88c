"""Measures placing orders in two checkouts in one run: `python -m bench.against OTHER` (OTHER/.venv has its needs).

Both products stand beside each other and are asked in turn, a few seconds each, so that a machine that slows down
slows both. What counts is the middle of the pairs' ratios: CPU an order here by CPU an order there.
"""

import json
import subprocess
import sys
from pathlib import Path
from statistics import median, quantiles

HERE = Path(__file__).parent.parent
PAIRS, SECONDS = 16, 4.0
PORTS = (8931, 8951)
# Orders one by one over so many connections; batches of a thousand, two at a time.
ASKS = (("placing", 1), ("placing", 8), ("intake", 2))
# Runs in either checkout, with the bench that is there.
ASKED = """
import json, socket, sys, time
from bench import intake
from bench.placing import SEED, _fire
from bench.product import cpu_of, fresh_product
port = intake.PORT = int(sys.argv[1])
with fresh_product() as product:
    key = product.shell(SEED).split()[-1]
    with product.served(port) as web:
        postgres = product.engines.processes["postgres"]
        for _n in range(300):  # two start at once: each takes longer than alone
            with socket.socket() as client:
                if client.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        _fire(product, port, key, 8, 4.0)
        product.psql("ANALYZE")
        print("ready", flush=True)
        for line in sys.stdin:
            kind, number, seconds = line.split()
            before = cpu_of(web), cpu_of(postgres)
            if kind == "placing":
                run = _fire(product, port, key, int(number), float(seconds))
                count, bad = run["count"], run["bad"]
            else:
                count, _s, _all = intake._bulk(key, int(number))
                bad = int(number) * intake.SIZE - count
            after = cpu_of(web), cpu_of(postgres)
            ms = [(late - early) / count * 1000 for early, late in zip(before, after)]
            print(json.dumps({"web": ms[0], "db": ms[1], "bad": bad}), flush=True)
"""


class Checkout:
    """A product of one checkout that stands and waits to be asked."""

    def __init__(self, folder: Path, port: int) -> None:
        self.process = subprocess.Popen(
            [folder / ".venv/bin/python", "-c", ASKED, str(port)],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _said(self) -> str:
        for line in self.process.stdout or ():
            if line.startswith(("ready", "{")):
                return line
        raise SystemExit("A product ended before it was asked.")

    def wait(self) -> None:
        """Until it serves."""
        self._said()

    def ask(self, kind: str, number: int) -> dict[str, float]:
        """CPU an order in ms, of the web and of PostgreSQL."""
        assert self.process.stdin
        self.process.stdin.write(f"{kind} {number} {SECONDS}\n")
        self.process.stdin.flush()
        said: dict[str, float] = json.loads(self._said())
        return said | {"sum": said["web"] + said["db"]}

    def close(self) -> None:
        """End it and everything that it has started."""
        assert self.process.stdin
        self.process.stdin.close()
        self.process.wait(60)


def main() -> None:
    """Measure and print the pairs' middle."""
    if len(sys.argv) != 2:
        raise SystemExit("Say which other checkout: python -m bench.against FOLDER")
    there, here = (
        Checkout(folder, port)
        for folder, port in zip((Path(sys.argv[1]).resolve(), HERE), PORTS, strict=True)
    )
    try:
        for checkout in (there, here):
            checkout.wait()
        for kind, number in ASKS:
            _show(f"{kind} {number}", _pairs(there, here, kind, number))
    finally:
        for checkout in (there, here):
            checkout.close()


def _pairs(
    there: Checkout, here: Checkout, kind: str, number: int
) -> list[tuple[dict[str, float], dict[str, float]]]:
    pairs = []
    for n in range(PAIRS):
        # Whoever comes second finds another machine: they take turns at that, too.
        first, second = (there, here) if n % 2 else (here, there)
        found = {id(checkout): checkout.ask(kind, number) for checkout in (first, second)}
        pairs.append((found[id(there)], found[id(here)]))
    return pairs


def _show(name: str, pairs: list[tuple[dict[str, float], dict[str, float]]]) -> None:
    bad = sum(one["bad"] for pair in pairs for one in pair)
    for part in ("web", "db", "sum"):
        ratios = [here[part] / there[part] for there, here in pairs]
        low, _middle, high = quantiles(ratios, n=4)
        print(
            f"{name}, {part:3}: there {median(t[part] for t, _h in pairs):.2f} ms,"
            f" here {median(h[part] for _t, h in pairs):.2f} ms, here/there {median(ratios):.3f}"
            f" (half of {len(pairs)} pairs: {low:.3f} to {high:.3f}), {bad:.0f} failed",
            flush=True,
        )


if __name__ == "__main__":
    main()
