"""Tests mirror the house; what several folders need is in `tests.support` and in conftest.py."""
