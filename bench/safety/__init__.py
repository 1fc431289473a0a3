"""People in danger among many who chat, and while everything fails: how fast, and is anybody missed? `make bench-safety`."""
