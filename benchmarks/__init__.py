"""How fast dflint is, beside other linters, on any folder of Dockerfiles."""
