"""Fuzzing: random Dockerfiles and other files that dflint reads, and what must hold of all."""
