"""The custom actions that Rasa calls, on rasa-sdk. Each reads the tracker's last message and calls one function of `bot.coaching`."""

from actions.endpoint import routes

__all__ = ["routes"]
