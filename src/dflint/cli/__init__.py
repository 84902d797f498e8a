"""The command line: parse, call, print, exit. Nothing else prints or reads the environment."""

from dflint.cli.app import app, main

__all__ = ["app", "main"]
