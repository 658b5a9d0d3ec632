#!/usr/bin/env bash
# Install from Debian what the tests need besides Python: PostgreSQL's server, Chromium, Chinese fonts, git.
# With --fonts only the fonts, which papers (PDF) need in earnest too.
# Looks first and does nothing when all is there. Without root or sudo it says what to install, and stops.
set -euo pipefail

missing=()
server() { command -v postgres >/dev/null || compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null; }
browser() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
fonts() { compgen -G '/usr/share/fonts/*/noto/NotoSansCJK*' >/dev/null || fc-list :lang=zh 2>/dev/null | grep -qi 'noto.*cjk'; }
rare() { compgen -G '/usr/share/fonts/*/hanazono/HanaMinB*' >/dev/null && compgen -G '/usr/share/fonts/*/babelstone/*' >/dev/null; }

if [ "${1:-}" != --fonts ]; then
  server || missing+=(postgresql)
  browser || missing+=(chromium)
  command -v git >/dev/null || missing+=(git)
fi
fonts || missing+=(fonts-noto-cjk)
rare || missing+=(fonts-hanazono fonts-babelstone-han) # names with characters of the extensions B to H
[ ${#missing[@]} -eq 0 ] && exit 0

exec "$(dirname "${BASH_SOURCE[0]}")/apt.sh" "${missing[@]}"
