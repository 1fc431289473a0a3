"""The open question hears every message first; rules decide only what it gives back.

Steps and the person's place in them live in our store. The gateway says in the message's metadata whether a question is
open there; this policy then predicts one action, `action_take_answer`. That action rejects itself if the message is an
interruption, and Rasa's rules answer it. No form, no slot, no loop.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Text

from rasa.core.policies.policy import Policy, PolicyPrediction, SupportedData
from rasa.engine.graph import ExecutionContext
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecutionRejected
from rasa.shared.core.generator import TrackerWithCachedStates
from rasa.shared.core.trackers import DialogueStateTracker

from dialogue.action_schema import use_compiled_schema

TAKE = "action_take_answer"
# What ends a turn: one of domain.yml's actions ran to its end.
ACTIONS = frozenset({TAKE, "action_reply", "action_start_skill", "action_move", "action_risk", "action_fallback"})
PRIORITY = 9  # RulePolicy has 4 and, for its fallback, 1

use_compiled_schema()


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class OpenQuestionPolicy(Policy):
    """Offers a message to the open question, once, before any rule."""

    @staticmethod
    def get_default_config() -> Dict[Text, Any]:
        """Settings the configuration file may leave out."""
        return {"priority": PRIORITY}

    @staticmethod
    def supported_data() -> SupportedData:
        """Learns from nothing; rules are the data of this bot."""
        return SupportedData.ML_AND_RULE_DATA

    def train(self, training_trackers: List[TrackerWithCachedStates], domain: Domain, **kwargs: Any) -> Resource:
        """Has nothing to learn."""
        return self._resource

    @classmethod
    def load(
        cls,
        config: Dict[Text, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> OpenQuestionPolicy:
        """Has nothing to read from the model."""
        return cls(config, model_storage, resource, execution_context)

    def predict_action_probabilities(
        self,
        tracker: DialogueStateTracker,
        domain: Domain,
        rule_only_data: Optional[Dict[Text, Any]] = None,
        **kwargs: Any,
    ) -> PolicyPrediction:
        """Takes the answer, then listens; says nothing where the rules should decide."""
        action = choose(tracker)
        scores = self._default_predictions(domain)
        if action is None:
            return self._prediction(scores)
        scores[domain.index_for_action(action)] = 1.0
        return self._prediction(scores, is_no_user_prediction=True)  # beats every rule, as a form does


def choose(tracker: DialogueStateTracker) -> Optional[Text]:
    """The action that must come next, or None where rules decide.

    Args:
        tracker: The conversation; its last event tells whether the open question gave the message back.
    """
    if tracker.latest_action_name in ACTIONS:
        return ACTION_LISTEN_NAME
    if tracker.latest_action_name != ACTION_LISTEN_NAME or not tracker.latest_message:
        return None
    rejected = bool(tracker.events) and isinstance(tracker.events[-1], ActionExecutionRejected)
    is_open = (tracker.latest_message.metadata or {}).get("open")
    return TAKE if is_open and not rejected else None
