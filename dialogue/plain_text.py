"""A message that begins with "/" is a message.

Rasa reads "/intent@0.9{...}" as an order to itself, lets anyone give it, and warns with the person's words if it can't read
it. Only a bare "/intent" of the domain is taken as that intent (menus, tests); all else goes through the classifier.
"""

from __future__ import annotations

from typing import Optional, Text

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message


def unpack(message: Message, domain: Optional[Domain] = None, entity_extractor_name: Optional[Text] = None) -> Message:
    """The message as it is, or with the intent that it names.

    Args:
        message: As the person wrote it, already classified.
        domain: Whose intents may be named.
        entity_extractor_name: Rasa's; unused.
    """
    text = (message.get(TEXT) or "").strip()
    if not text.startswith("/") or domain is None or text[1:] not in domain.intents:
        return message
    intent = {"name": text[1:], "confidence": 1.0}
    data = {TEXT: text, INTENT: intent, INTENT_RANKING_KEY: [intent], ENTITIES: []}
    return Message(data, output_properties=set(data))


def use_plain_text() -> None:
    """Puts `unpack` in the place of Rasa's reading."""
    YAMLStoryReader.unpack_regex_message = staticmethod(unpack)
