"""The SMS channel: Twilio's webhooks in, its REST API out; and pages to staff by text and by phone call."""

from bot.channels.sms.call import CallPager, call_routes
from bot.channels.sms.codes import Code, look_up
from bot.channels.sms.pager import SmsPager, page_routes
from bot.channels.sms.reconcile import reconcile
from bot.channels.sms.sender import SmsSender
from bot.channels.sms.status import advances
from bot.channels.sms.telephone import Refusal, check
from bot.channels.sms.twilio_client import redact
from bot.channels.sms.webhook import StaffTexts, routes

__all__ = [
    "CallPager",
    "Code",
    "Refusal",
    "SmsPager",
    "SmsSender",
    "StaffTexts",
    "advances",
    "call_routes",
    "check",
    "look_up",
    "page_routes",
    "reconcile",
    "redact",
    "routes",
]
