"""Tunes the screen's sentence encoder: a build step of its own, with an environment of its own. `make tune`."""
