"""Kills processes of the running product in the middle of conversations, and counts what that did."""
