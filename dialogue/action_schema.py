"""The check of what the action endpoint returned, compiled once.

Rasa compiles its JSON schema anew at every remote action: 15-18 of a turn's 20 ms of CPU. The schema stays Rasa's own.
"""

from __future__ import annotations

from typing import Any, Dict, List, Text

from jsonschema import Draft7Validator, ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.shared.constants import DOCS_BASE_URL

CHECK = Draft7Validator(RemoteAction.action_response_format_spec())
# The events that our actions answer with, known to fit: none, or the answer was not for the open question. To check them
# against the schema, a choice of twenty kinds, takes 1 ms.
ACCEPTED: List[List[Dict[Text, Any]]] = [
    [],
    [
        {
            "event": "action_execution_rejected",
            "name": "action_take_answer",
            "policy": None,
            "confidence": None,
            "timestamp": None,
        }
    ],
]


def validate_action_result(self: RemoteAction, result: Dict[Text, Any]) -> bool:
    """Refuses a reply that is not Rasa's format.

    Args:
        result: The parsed reply.

    Returns:
        True.

    Raises:
        ValidationError: With the first fault; Rasa then drops the reply and logs the action's name.
    """
    if isinstance(result, dict) and result.get("events") in ACCEPTED and are_objects(result.get("responses")):
        return True
    for fault in CHECK.iter_errors(result):
        raise ValidationError(
            f"{'/'.join(map(str, fault.path)) or 'reply'} breaks {fault.validator}; {DOCS_BASE_URL}/custom-actions"
        )
    return True


def are_objects(responses: Any) -> bool:
    """What the schema asks of responses."""
    return isinstance(responses, list) and all(isinstance(response, dict) for response in responses)


def use_compiled_schema() -> None:
    """Puts the compiled check in the place of Rasa's."""
    RemoteAction._validate_action_result = validate_action_result  # noqa: SLF001  # the only place to put it
