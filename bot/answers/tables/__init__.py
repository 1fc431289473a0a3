"""The word lists that readers look things up in; no behaviour."""
