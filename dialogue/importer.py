"""Reads the training data, and lets a skill be added by content and utterances alone.

An intent that has utterances in data/nlu and is named by no rule joins the domain and gets the rule
`intent → action_start_skill`. All else is Rasa's own file importer.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Iterable, Iterator, List, Optional, Set, Text, Tuple

import yaml
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import UserUttered
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import cached_method

START_SKILL = "action_start_skill"


class UtteranceError(RasaException):
    """A file of utterances that can't be read; says which and what to change."""


class SkillImporter(RasaFileImporter):
    """Rasa's file importer, with a rule for every intent that has none."""

    @cached_property
    def utterances(self) -> TrainingData:
        """The lines of data/nlu; read once, by libyaml: 0.1 s where Rasa's reader takes 1.2 s."""
        return TrainingData([Message({TEXT: text, INTENT: intent}) for intent, text in read(self._nlu_files)])

    def get_nlu_data(self, language: Optional[Text] = "en") -> TrainingData:
        """The utterances."""
        return self.utterances

    @cached_method
    def get_domain(self) -> Domain:
        """The domain file, and the intents of the utterances."""
        return with_intents(super().get_domain(), self.utterances.intents)

    @cached_method
    def get_stories(self, exclusion_percentage: Optional[int] = None) -> StoryGraph:
        """The rule files, and a rule for each intent that they don't name."""
        written = super().get_stories(exclusion_percentage)
        lacking = sorted(self.utterances.intents - ruled(written))
        if not lacking:
            return written
        steps = YAMLStoryReader().read_from_string(rules_for(lacking))
        return written.merge(StoryGraph(steps))


def read(paths: Iterable[Text]) -> Iterator[Tuple[Text, Text]]:
    """Intent and text of each line of files of utterances.

    Raises:
        UtteranceError: A file is not `nlu: [{intent: name, examples: "- lines"}]`.
    """
    for path in sorted(paths):
        try:
            content = yaml.load(Path(path).read_text("utf-8"), yaml.CSafeLoader)  # a safe loader
            for group in content["nlu"]:
                yield from ((group["intent"], line) for line in lines_of(group["examples"], group["intent"]))
        except (yaml.YAMLError, KeyError, TypeError, AttributeError, ValueError) as error:
            raise UtteranceError(f"{path}: {type(error).__name__} {error}; see data/nlu for the form") from error


def lines_of(examples: Text, intent: Text) -> Iterator[Text]:
    """The lines of one block; entities are not ours, so brackets are only brackets."""
    for line in filter(None, map(str.strip, examples.splitlines())):
        if not line.startswith("- ") or not line[2:].strip():
            raise ValueError(f"{intent}: a line must begin with '- ' and say something")
        yield line[2:].strip()


def with_intents(domain: Domain, intents: Set[Text]) -> Domain:
    """The domain with intents it did not name."""
    lacking = sorted(intents - set(domain.intents))
    return domain.merge(Domain.from_dict({"intents": lacking})) if lacking else domain


def ruled(rules: StoryGraph) -> Set[Text]:
    """The intents that rules name."""
    events = (event for step in rules.story_steps for event in step.events)
    return {event.intent_name for event in events if isinstance(event, UserUttered) and event.intent_name}


def rules_for(intents: List[Text]) -> Text:
    """Rules in Rasa's YAML by which each intent opens its skill."""
    rules = [
        {"rule": f"{name} opens its skill", "steps": [{"intent": name}, {"action": START_SKILL}]} for name in intents
    ]
    return yaml.safe_dump({"version": "3.1", "rules": rules}, sort_keys=False)
