"""Ties the pure programme to the store: reads a person, lets `advance` decide, writes what it decided, in one transaction."""
