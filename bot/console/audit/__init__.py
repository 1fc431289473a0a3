"""The audit's page: what staff saw and did, found by who, what, about whom and when; checked, and taken out as a file."""
