"""`python -m bot.cli`: the same as the `evenday` command."""

from bot.cli.main import main

main()
