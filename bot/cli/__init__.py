"""The `evenday` command: thin verbs over the modules below. Heavy imports wait until a verb needs them."""

from bot.cli.main import main

__all__ = ["main"]
