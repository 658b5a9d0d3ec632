#!/usr/bin/env bash
# Pin requirements.in, requirements-dev.in and requirements-bench.in, with hashes, for every Python from 3.11 on. Names no package index.
# Versions already pinned stay; `ops/lock.sh --upgrade` takes the newest of everything.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
pin=(.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary ':all:'
  --no-emit-index-url --no-emit-find-links --no-header "$@")
"${pin[@]}" requirements.in -o requirements.txt
"${pin[@]}" requirements-dev.in -c requirements.txt -o requirements-dev.txt
"${pin[@]}" requirements-bench.in -c requirements.txt -o requirements-bench.txt
