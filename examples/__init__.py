"""Programs that use dflint as a library."""
