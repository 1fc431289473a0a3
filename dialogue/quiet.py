"""How a process that hosts Rasa is set up: no telemetry, no TensorFlow, one thread, and no person's words in any log.

`prepare()` comes before the first import of rasa, `silence()` after it.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Any, Dict, Text

from dialogue import stand_ins

ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "SANIC_HOST": "127.0.0.1",
    "SANIC_ACCESS_LOG": "false",
    "OMP_NUM_THREADS": "1",  # numpy's products here are small: a second thread waits more than it works
    "OPENBLAS_NUM_THREADS": "1",
    "RASA_MAX_CACHE_SIZE": "0",  # its cache of components costs more than the training
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "LOG_LEVEL": "WARNING",  # Rasa shows no progress bars then
}
OWN = ("dialogue",)  # loggers whose sentences are ours and hold no text of a person


class PlaceOnly(logging.Formatter):
    """Says where something went wrong, never what was said: Rasa puts messages into its warnings and errors."""

    def format(self, record: logging.LogRecord) -> Text:
        """Level, logger, module and line; the chain of exception types, without their words."""
        parts = [record.levelname.lower(), record.name, f"{record.module}:{record.lineno}"]
        if record.name.startswith(OWN):
            parts.append(record.getMessage())
        error = record.exc_info[1] if record.exc_info else None
        while error is not None:
            parts.append(f"{type(error).__module__}.{type(error).__name__}{last_place(error)}")
            error = error.__cause__ or error.__context__
        return " ".join(parts)


def last_place(error: BaseException) -> Text:
    """File and line at which an exception was raised."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"@{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""


def prepare() -> None:
    """Sets the environment and keeps TensorFlow out; an environment variable already set is left."""
    for name, value in ENVIRONMENT.items():
        os.environ.setdefault(name, value)
    warnings.showwarning = lambda *_, **__: None  # Rasa warns with the message's text; libraries reset filters
    stand_ins.use()


def silence(level: int = logging.WARNING) -> None:
    """Sends the standard log, and structlog's, through `PlaceOnly` to standard error."""
    import structlog  # Rasa's environment only

    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlaceOnly())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in list(logging.root.manager.loggerDict):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
        logging.getLogger(name).setLevel(logging.NOTSET)
    structlog.configure(
        processors=[event_only],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def event_only(logger: Any, method: Text, event: Dict[Text, Any]) -> Text:
    """The event's name; its values may be what a person wrote."""
    name = str(event.get("event", ""))
    return f"{method} {name}" if name.replace(".", "").replace("_", "").isalnum() else method
