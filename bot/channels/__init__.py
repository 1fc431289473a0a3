"""How people reach Evenday and Evenday reaches them: one folder a channel, what they share beside it."""
