#!/usr/bin/env bash
# Install dflint from the action's own checkout and lint, with annotations for the pull request.
#
# Reads DFLINT_PATHS, DFLINT_FAIL_ON and DFLINT_CONFIG (action.yml), and from the runner
# GITHUB_ACTION_PATH and RUNNER_TEMP. Exits as `dflint check` does.
set -euo pipefail

venv="${RUNNER_TEMP:?}/dflint"
if [ ! -x "$venv/bin/dflint" ]; then
  python3 -m venv "$venv"
  "$venv/bin/pip" install --quiet --disable-pip-version-check "${GITHUB_ACTION_PATH:?}"
fi

# Paths are words: whoever needs blanks in them gives one a line.
paths=()
while IFS= read -r line; do
  if [ -e "$line" ]; then
    paths+=("$line")
  else
    read -r -a words <<<"$line"
    paths+=("${words[@]}")
  fi
done <<<"${DFLINT_PATHS:-.}"

options=(--output-format github --fail-on "${DFLINT_FAIL_ON:-warning}")
if [ -n "${DFLINT_CONFIG:-}" ]; then
  options+=(--config "$DFLINT_CONFIG")
fi
exec "$venv/bin/dflint" check "${options[@]}" -- "${paths[@]}"
