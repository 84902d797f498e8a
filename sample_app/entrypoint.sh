#!/bin/sh
# The words that the image takes: web (the default), dev, test. Further words go to the program.
set -eu

cd "$(dirname "$0")"
export PYTHONPATH="${PYTHONPATH:-$PWD/src}"

word="${1:-web}"
[ "$#" -eq 0 ] || shift

case "$word" in
    web) exec gunicorn --config gunicorn.conf.py "$@" porthole.wsgi:app ;;
    dev) exec flask --app porthole.wsgi run --host 0.0.0.0 --port "${PORT:-8000}" --reload "$@" ;;
    test)
        if ! python -c 'import pytest' 2>/dev/null; then
            echo "entrypoint.sh: no pytest here: the image's stage 'test' has it" >&2
            exit 69
        fi
        exec python -m pytest "$@"
        ;;
    *)
        echo "entrypoint.sh: unknown word '$word'; known are: web, dev, test" >&2
        exit 64
        ;;
esac
