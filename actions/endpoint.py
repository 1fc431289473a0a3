"""The action webhook, mounted in the gateway on a loopback-only port: a few lines around rasa-sdk's executor.

The SDK's own server answers 449 to a call without domain, which Rasa 3.6 takes for a failure; ours adds an empty one.
"""

from __future__ import annotations

import logging
import warnings

import structlog
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from actions.coach import coach_actions
from bot.coaching.turns import Coaching
from bot.errors import EvendayError

log = structlog.get_logger()


def routes(coaching: Coaching) -> list[Route]:
    """The webhook that Rasa calls, and a health check."""
    executor = ActionExecutor()
    for action in coach_actions(coaching):
        executor.register_action(action)
    # The SDK logs every call, and warns at each that Rasa is older than itself, which ADR 001 chose knowingly.
    logging.getLogger("rasa_sdk").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", module="rasa_sdk")

    async def webhook(request: Request) -> Response:
        call = await request.json()
        call.setdefault("domain", {})
        try:
            result = await executor.run(call)
            return JSONResponse(result.model_dump() if result else {})
        except ActionExecutionRejection as refusal:
            return JSONResponse({"error": "rejected", "action_name": refusal.action_name}, status_code=400)
        except ActionNotFoundException as error:
            return JSONResponse({"error": "unknown action", "action_name": error.action_name}, status_code=404)
        except EvendayError as error:
            log.error("action.failed", action=call.get("next_action"), why=str(error))
            return JSONResponse({"error": str(error), "action_name": call.get("next_action")}, status_code=500)

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return [Route("/webhook", webhook, methods=["POST"]), Route("/health", health)]
