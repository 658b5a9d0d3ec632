#!/usr/bin/env bash
# Make .venv-bench: Splink, which `make bench-match` measures Miaoce beside. Wheels only and every hash checked; a second
# call costs nothing. It is apart from .venv, so that nothing of it is there when Miaoce runs.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
wanted=requirements-bench.txt
stamp=.venv-bench/.installed
stamp_of() { { cat "$wanted"; .venv-bench/bin/python -VV; pwd; } | sha256sum; }
if [ -x .venv-bench/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(stamp_of)" ]; then
  exit 0
fi
.venv/bin/python -m venv --clear .venv-bench
echo "Installing $wanted"
.venv-bench/bin/python -m pip --disable-pip-version-check --quiet install --only-binary :all: --require-hashes -r "$wanted"
stamp_of >"$stamp"
