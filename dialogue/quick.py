"""What Rasa does in each turn beyond need, done once or left out. The decisions stay those of Rasa's graph and rules."""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import Any, Dict, List, Optional, Text, Tuple

from rasa.core import processor
from rasa.core.policies.policy import PolicyPrediction
from rasa.core.policies.rule_policy import RulePolicy
from rasa.engine.graph import GraphNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker

from dialogue.open_question import choose

Step = Tuple[Text, GraphNode, Tuple[Text, ...]]

ask_rules = RulePolicy.predict_action_probabilities


class PlainRunner(DaskGraphRunner):
    """Runs a graph's nodes one after another, in an order found once: dask plans anew at every run, 3 times a turn."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self._orders: Dict[Tuple[Text, ...], List[Step]] = {}

    def run(self, inputs: Optional[Dict[Text, Any]] = None, targets: Optional[List[Text]] = None) -> Dict[Text, Any]:
        """The outputs of the targets.

        Args:
            inputs: Values for the names that no node makes.
            targets: Names of nodes; the graph's own if there are none.
        """
        wanted = tuple(targets or self._graph_schema.target_names)
        if wanted not in self._orders:
            self._orders[wanted] = self._order(wanted)
        made = dict(inputs or {})
        for name, node, needs in self._orders[wanted]:
            # a need that nobody made goes as a bare name, which the node refuses or does without
            made[name] = node(*((need, made[need]) if need in made else need for need in needs))[1]
        return {name: made[name] for name in wanted}

    def _order(self, targets: Tuple[Text, ...]) -> List[Step]:
        nodes = self._graph_schema.minimal_graph_schema(list(targets)).nodes
        before = {name: [need for need in node.needs.values() if need in nodes] for name, node in nodes.items()}
        return [
            (name, self._instantiated_nodes[name], tuple(nodes[name].needs.values()))
            for name in TopologicalSorter(before).static_order()
        ]


def predict_where_asked(
    self: RulePolicy,
    tracker: DialogueStateTracker,
    domain: Domain,
    rule_only_data: Optional[Dict[Text, Any]] = None,
    **kwargs: Any,
) -> PolicyPrediction:
    """The rules' prediction; none where `OpenQuestionPolicy`, which overrules it, names the action (2 of a turn's 3 times)."""
    if choose(tracker) is not None:
        return self._prediction(self._default_predictions(domain))
    return ask_rules(self, tracker, domain, rule_only_data, **kwargs)


def know_all_features(self: processor.MessageProcessor, parse_data: Dict[Text, Any]) -> None:
    """Warns of nothing: the model's intents are the domain's (`dialogue.importer`), and warnings are muted besides."""


def use_quick_turns() -> None:
    """Puts them in the place of Rasa's; before a model is loaded."""
    processor.DaskGraphRunner = PlainRunner
    RulePolicy.predict_action_probabilities = predict_where_asked
    processor.MessageProcessor._check_for_unseen_features = know_all_features  # noqa: SLF001  # the only place to put it
