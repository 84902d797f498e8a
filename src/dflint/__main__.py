"""`python -m dflint`."""

from dflint.cli import main

if __name__ == "__main__":
    main()
