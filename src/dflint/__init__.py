"""dflint: a Dockerfile linter that works out what a build puts into each image."""

__version__ = "0.1.0"
