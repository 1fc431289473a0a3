"""Serves the console of a clinic in a process of its own, as the gateway does: `python -m bench.console.served URL PORT`."""

from __future__ import annotations

import sys

import uvicorn
from starlette.applications import Starlette

from bench.console.desk import console
from bench.console.kept import opened
from bot.console.app import routes
from bot.serve import spare_the_collector


def main(url: str, port: str) -> None:
    """Serve until the process is ended."""
    app = Starlette(routes=routes(console(opened(url))))
    spare_the_collector()
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="error", access_log=False, timeout_graceful_shutdown=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
