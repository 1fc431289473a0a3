"""A member's own account."""
