"""Serves a trained model on loopback: `ACTION_ENDPOINT=http://127.0.0.1:5055/webhook python -m dialogue.serve --port 5005`.

Rasa's own agent behind Rasa's own REST channel (`POST /webhooks/rest/webhook`), one process, and nothing of `rasa run`
besides: no other channel, no API, no telemetry, no log with a person's words. `GET /` answers as soon as a message can be.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, List, Optional, Text

from dialogue import quiet

if TYPE_CHECKING:
    from sanic import Sanic

ROOT = Path(__file__).resolve().parent.parent
LOOPBACK = "127.0.0.1"
KEEP_ALIVE_SECONDS = 300  # the gateway keeps its connections


def main(arguments: Optional[List[Text]] = None) -> int:
    """Reads the arguments and serves until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m dialogue.serve", description=__doc__)
    parser.add_argument("--model", type=Path, default=ROOT / "models" / "evenday.tar.gz")
    parser.add_argument("--port", type=int, default=5005, help="on 127.0.0.1 and nowhere else")
    parser.add_argument("--endpoints", type=Path, default=ROOT / "endpoints.yml")
    options = parser.parse_args(arguments)
    if not os.environ.get("ACTION_ENDPOINT"):
        parser.error("ACTION_ENDPOINT is not set: the address that runs the actions, http://127.0.0.1:PORT/webhook")
    if not options.model.is_file():
        parser.error(f"{options.model} is absent: python -m dialogue.train")
    quiet.prepare()
    app = application(options.model, options.endpoints)
    quiet.silence()
    app.run(host=LOOPBACK, port=options.port, workers=1, access_log=False, motd=False, debug=False)
    return 0


def application(model: Path, endpoints: Path) -> Sanic:
    """The web application with the model loaded.

    Args:
        model: A trained archive.
        endpoints: Rasa's endpoints.yml.

    Raises:
        RuntimeError: The file names another tracker store; Rasa would fall back to one without bounds and say nothing.
    """
    from rasa.core.agent import Agent  # after prepare(), which keeps TensorFlow out
    from rasa.core.channels.channel import register
    from rasa.core.channels.rest import RestInput
    from rasa.core.lock_store import InMemoryLockStore
    from rasa.core.tracker_store import create_tracker_store
    from rasa.core.utils import AvailableEndpoints
    from sanic import Sanic

    from dialogue.endpoint import KeptEndpoint
    from dialogue.plain_text import use_plain_text
    from dialogue.quick import use_quick_turns
    from dialogue.trackers import BoundedTrackerStore

    use_plain_text()
    use_quick_turns()
    settings = AvailableEndpoints.read_endpoints(str(endpoints))
    store = create_tracker_store(settings.tracker_store)
    if not isinstance(store, BoundedTrackerStore):
        raise RuntimeError(f"{endpoints}: tracker_store is not dialogue.trackers.BoundedTrackerStore")
    agent = Agent.load(
        str(model),
        tracker_store=store,
        lock_store=InMemoryLockStore(),
        action_endpoint=KeptEndpoint.like(settings.action),
    )
    app = Sanic("evenday_dialogue", configure_logging=False)
    app.config.KEEP_ALIVE_TIMEOUT = KEEP_ALIVE_SECONDS
    app.ctx.agent = agent
    register([RestInput()], app, route="/webhooks/")
    app.add_route(is_up, "/")
    return app


async def is_up(request: Any) -> Any:
    """Says that the model is loaded."""
    from sanic.response import text

    return text("ok")


if __name__ == "__main__":
    sys.exit(main())
