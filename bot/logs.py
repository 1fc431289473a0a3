"""Structured logs in which nothing a patient wrote can stand: unknown keys are dropped, values are of an allow-list."""

from __future__ import annotations

import logging
import sys
import traceback
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

# Keys that may stand in a log. What is not listed is dropped, so a careless `text=` never reaches a disk.
KEYS = frozenset(
    "event level timestamp message channel outcome why attempt attempts count error ms action status port url kind state"
    " process code pid seconds bot update lane".split()
)
VALUES = (str, int, float, bool, type(None))
LONGEST = 200


def _only_known(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {key: _short(value) for key, value in event.items() if key in KEYS}


def _short(value: Any) -> Any:
    if not isinstance(value, VALUES):
        return type(value).__name__
    return value[:LONGEST] if isinstance(value, str) else value


class WithoutWords(logging.Formatter):
    """What libraries log, without their words: who, how grave, and where an error arose, never what it says."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, and one more for each frame of a traceback."""
        lines = [f"{record.name} {record.levelname}"]
        if record.exc_info and record.exc_info[1] is not None:
            lines += _frames(record.exc_info[1])
        return "\n".join(lines)


def _frames(error: BaseException) -> list[str]:
    found = [f"  {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)]
    return [f"  {type(error).__name__}", *found]


def _excepthook(_kind: type[BaseException], error: BaseException, _trace: object) -> None:
    print("\n".join(["uncaught", *_frames(error)]), file=sys.stderr)


def silence() -> None:
    """Let libraries speak only when something is wrong: an address that they call may hold a secret."""
    for name in ("httpx", "httpcore", "telegram", "twilio", "uvicorn.access", "alembic"):
        logging.getLogger(name).setLevel(logging.WARNING)


def configure(level: str = "info") -> None:
    """Send all logs to standard error, one JSON object a line."""
    number = getattr(logging, level.upper())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(WithoutWords())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(True)
    sys.excepthook = _excepthook
    silence()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_known,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
