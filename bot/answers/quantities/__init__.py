"""Readers of numbers, scores, spans, clock times, days of the week, dates and ages."""
