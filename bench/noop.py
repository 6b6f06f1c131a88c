"""Measures the floor of any response: the same gunicorn, no middleware, no work."""

from collections.abc import Callable, Iterable


def application(environ: dict, start_response: Callable[..., object]) -> Iterable[bytes]:
    environ["wsgi.input"].read()
    start_response("201 Created", [("Content-Type", "application/json"), ("Content-Length", "2")])
    return [b"{}"]
