"""How staff come in: by password and code, by passkey, or by a link to choose a password."""
