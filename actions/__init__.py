"""The custom actions that Rasa calls, on rasa-sdk. Each hands the last message to one method of `bot.coaching`."""

from actions.endpoint import routes

__all__ = ["routes"]
