"""Speed, side by side with a bare `rasa init` starter: same machine, same run, same client. `make bench`."""
