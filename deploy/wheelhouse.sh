#!/bin/sh
# Gather everything that the product runs on into a folder, for a network without any package index.
# On a machine with an index, of the same system and Python as the server:  sh deploy/wheelhouse.sh
# On the server:  sh deploy/wheelhouse.sh install
# PYTHON: interpreter (python3); WHEELHOUSE: the folder (wheelhouse); REQUIREMENTS: the list (requirements.txt).
set -eu
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"
folder="${WHEELHOUSE:-wheelhouse}"
list="${REQUIREMENTS:-requirements.txt}"

case "${1:-gather}" in
gather)
    mkdir -p "$folder"
    # What an index has as source only is built here, because the server has no compiler.
    "$python" -m pip wheel --disable-pip-version-check --wheel-dir "$folder" --requirement "$list"
    (cd "$folder" && sha256sum -- *.whl > SHA256SUMS)
    "$python" -c 'import platform, sys; print("python", platform.python_version(), platform.machine(), sys.platform)' \
        > "$folder/MADE_FOR"
    ;;
install)
    (cd "$folder" && sha256sum --check --quiet SHA256SUMS)
    "$python" -m venv .venv
    .venv/bin/python -m pip install --disable-pip-version-check --no-index --find-links "$folder" --requirement "$list"
    ;;
*)
    echo "usage: sh deploy/wheelhouse.sh [gather|install]" >&2
    exit 2
    ;;
esac
