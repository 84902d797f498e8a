"""Images that are really built, without a container engine or a registry."""
