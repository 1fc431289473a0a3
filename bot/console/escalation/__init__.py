"""One escalation: its page, the clocks of its limits, the buttons by stage and role, and what each of them does."""
