"""Telegram and Twilio as others have built them, installed once under `.cache/stand-ins`, on free loopback ports."""
