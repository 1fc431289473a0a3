"""What `receive` does with a message within its one commit: judge it in its place, and answer what must not wait."""
