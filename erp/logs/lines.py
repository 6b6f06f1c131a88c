"""Formats log lines: JSON for machines, plain text for a terminal."""

import logging
from datetime import UTC, datetime
from typing import Any

import msgspec

from erp.logs.faults import described, traced
from erp.logs.masks import masked
from erp.logs.origin import current_origin

# No line says these, and each record asked for all of them.
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
logging._srcfile = None  # nor where it was written: to find that out, the stack is walked


class JsonLines(logging.Formatter):
    """One line of JSON for each record: time (UTC, RFC 3339), level, logger, message, origin, facts, error.

    A record brings facts by `extra={"facts": {…}}`: ids and plain values, never names, addresses or texts of people.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": moment(record.created),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": said(record),
        }
        if origin := current_origin():
            line["request_id"] = origin.request_id
            line["actor"] = origin.actor()
            line["address"] = origin.address
            if origin.task:
                line["task"] = origin.task
        line |= getattr(record, "facts", {})
        if error := _error(record):
            line["error"], line["traceback"] = described(error), traced(error)
        return msgspec.json.encode(line).decode()


class PlainLines(logging.Formatter):
    """A line for whoever sits at the terminal: of a request its answer, of an error all that is known."""

    def format(self, record: logging.LogRecord) -> str:
        facts = getattr(record, "facts", {})
        shown = " ".join(f"{name}={value}" for name, value in facts.items())
        head = f"{moment(record.created)} {record.levelname} {record.name}: {said(record)} {shown}"
        error = record.exc_info and self.formatException(record.exc_info)
        return f"{head.rstrip()}\n{error}" if error else head.rstrip()


def moment(at: float) -> str:
    """A moment in UTC as RFC 3339 writes it."""
    text = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def said(record: logging.LogRecord) -> str:
    """The message of a record; of exceptions in it the kind, of addresses their route, masked."""
    if isinstance(record.msg, BaseException):
        return described(record.msg)
    if record.name.startswith("django.security.") and not record.args:
        return record.name.rpartition(".")[2]  # the message quotes what was sent
    try:
        text = str(record.msg) % _safe(record) if record.args else str(record.msg)
    except (TypeError, ValueError, KeyError):
        text = str(record.msg)
    return masked(text)


def _safe(record: logging.LogRecord) -> Any:
    """The arguments of a message, those that quote data replaced by what kind of data it is."""
    args = record.args
    if isinstance(
        args, dict
    ):  # as Celery logs what became of a task: `exc` is the exception in words
        return {name: _kind(value) if name == "exc" else value for name, value in args.items()}
    request = getattr(record, "request", None)
    return tuple(_argument(record, value, request) for value in args or ())


def _argument(record: logging.LogRecord, value: object, request: object) -> object:
    if isinstance(value, BaseException):
        return described(value)
    if isinstance(value, str) and value.startswith("/") and _quotes_paths(record):
        match = getattr(request, "resolver_match", None)
        return f"/{match.route}" if match else "/…"
    return value


def _quotes_paths(record: logging.LogRecord) -> bool:
    return record.name.startswith(("django.", "gunicorn"))


def _kind(value: object) -> str:
    return str(value).partition("(")[0][:80]


def _error(record: logging.LogRecord) -> BaseException | None:
    info = record.exc_info
    return info[1] if isinstance(info, tuple) else None
