"""Puts the compiled form of rules and knowledge into the wheel, so that no start reads YAML."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileHook(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles the folders of YAML in place and adds what came of it."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Runs before a wheel is built; an editable one makes the compiled form on first use."""
        if version == "editable":
            return
        # The module needs YAML and msgspec alone; the package around it need not be installed.
        sys.path.insert(0, str(Path(self.root) / "src"))
        from dflint import compiled

        rules, knowledge = Path(self.root) / "rules", Path(self.root) / "src/dflint/knowledge"
        compiled.compile_folder(rules)  # the whole folder is included, so this is too
        compiled.compile_folder(knowledge)
        target = f"dflint/knowledge/{compiled.NAME}"
        build_data["force_include"][str(knowledge / compiled.NAME)] = target
