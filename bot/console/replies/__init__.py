"""Ready replies of the chat that staff took over: kept by team, and offered to whoever writes."""
