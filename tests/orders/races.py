"""Many calls at once."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.db import connection


def at_once(calls: list[Callable[[], int]], threads: int = 16) -> Counter[int]:
    """Make all calls from many threads; count the status codes."""

    def run(call: Callable[[], int]) -> int:
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return Counter(pool.map(run, calls))
