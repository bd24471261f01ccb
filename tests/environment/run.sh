#!/usr/bin/env bash
# `make run`: the server, and beside it the simulated county that reports to it over HTTP like any other client.
set -u
export ONEMAP_PORT=${PORT:-8050}
"$PY" -m dashboard serve &
server=$!
trap 'kill $server ${county:-} 2>/dev/null; wait 2>/dev/null' EXIT
trap 'exit 130' INT TERM
"$PY" -m dashboard simulate --url "http://127.0.0.1:$ONEMAP_PORT" &
county=$!
wait $server
