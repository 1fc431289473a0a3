"""Calls humans: which page is due to whom, by which route, again and again until somebody takes the escalation."""
