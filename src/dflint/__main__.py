"""`python -m dflint`."""

from dflint.cli import command

if __name__ == "__main__":
    command()
