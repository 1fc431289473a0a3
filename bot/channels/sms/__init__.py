"""The SMS channel: Twilio's webhooks in, its REST API out."""

from bot.channels.sms.codes import Code, look_up
from bot.channels.sms.reconcile import reconcile
from bot.channels.sms.sender import SmsSender
from bot.channels.sms.status import advances
from bot.channels.sms.telephone import Refusal, check
from bot.channels.sms.twilio_client import redact
from bot.channels.sms.webhook import routes

__all__ = ["Code", "Refusal", "SmsSender", "advances", "check", "look_up", "reconcile", "redact", "routes"]
