#!/usr/bin/env bash
# Make .venv with the pinned requirements and the console command .venv/bin/miaoce; with --dev also what the tests need.
# Wheels only and every hash checked. A stamp remembers what was installed, so a second call costs nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

kind=requirements.txt
[ "${1:-}" = --dev ] && kind=requirements-dev.txt

# Two calls at the same time (a demo here, the tests there) must not install into the same folder together.
if command -v flock >/dev/null; then
  exec 9>.setup.lock
  flock 9
fi

find_python() {
  local name
  for name in "${PYTHON:-python3}" python3.14 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      command -v "$name"
      return
    fi
  done
  echo "Python 3.11 or later is needed and was not found; set PYTHON to it if it has another name." >&2
  return 69
}

make_environment() {
  if ! "$1" -c 'import venv, ensurepip' 2>/dev/null; then
    ops/apt.sh python3-venv
  fi
  "$1" -m venv --clear .venv
}

stamp_of() { { cat "$1" pyproject.toml; .venv/bin/python -VV; pwd; } | sha256sum; }

# A folder that was moved, or whose Python was upgraded away, is made again.
if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || [ ! -x .venv/bin/pip ]; then
  python=$(find_python)
  echo "Making .venv with $("$python" -V)"
  make_environment "$python"
fi

stamp=.venv/.installed-$kind
if [ -x .venv/bin/miaoce ] && [ "$(cat "$stamp" 2>/dev/null)" = "$(stamp_of "$kind")" ]; then
  exit 0
fi
echo "Installing $kind"
pip=(.venv/bin/python -m pip --disable-pip-version-check --quiet)
"${pip[@]}" install --only-binary :all: --require-hashes -r "$kind"
"${pip[@]}" install --no-deps --no-build-isolation --no-index -e .
stamp_of "$kind" >"$stamp"
