"""The command line: parse, call, print, exit. Nothing else prints or reads the environment."""

from dflint.cli.entry import command, main

__all__ = ["command", "main"]
