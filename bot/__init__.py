"""Evenday's application: channels, screen, dialogue client, outbox, scheduler and console around one store."""
