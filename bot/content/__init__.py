"""Reads and checks data/coach: everything a clinician may change without knowing Python."""
