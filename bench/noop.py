"""The floor of any web answer: the same gunicorn, no middleware, nothing done."""

from collections.abc import Callable, Iterable


def application(environ: dict, start_response: Callable[..., object]) -> Iterable[bytes]:
    environ["wsgi.input"].read()
    start_response("201 Created", [("Content-Type", "application/json"), ("Content-Length", "2")])
    return [b"{}"]
