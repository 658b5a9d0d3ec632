#!/usr/bin/env bash
# Install Debian packages as root or through sudo: ops/apt.sh PACKAGE…
# Where that cannot be done it says in one sentence what somebody has to install, and ends with 69.
set -euo pipefail

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then
    as_root=(sudo)
  else
    echo "These packages are missing and only an administrator can install them: $*" >&2
    exit 69
  fi
fi
if ! command -v apt-get >/dev/null; then
  echo "This machine has no apt-get; install by its own means: $*" >&2
  exit 69
fi

echo "Installing from Debian: $*"
install() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null; }
# The package lists of a new machine are empty or old: try with what is there, then with fresh lists.
install "$@" 2>/dev/null || { "${as_root[@]}" apt-get update -qq && install "$@"; }
