#!/usr/bin/env bash
# What the tests need beside Python packages: Chromium, a CJK font, PostgreSQL with PostGIS.
# Installed here where that is possible (root on Debian or Ubuntu), else named, with the way out.
set -u
missing=()
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null || missing+=(postgresql)
ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1 \
  || ls "$(pg_config --sharedir 2>/dev/null)"/extension/postgis.control >/dev/null 2>&1 || missing+=(postgis)
command -v fc-list >/dev/null && [ -n "$(fc-list :lang=zh-cn 2>/dev/null)" ] || missing+=(font)
[ ${#missing[@]} -eq 0 ] && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "Installing for the tests: ${missing[*]} ..."
  export DEBIAN_FRONTEND=noninteractive
  packages=()
  for m in "${missing[@]}"; do
    case $m in
      chromium) packages+=(chromium) ;;
      postgresql) packages+=(postgresql) ;;
      postgis) packages+=(postgresql POSTGIS) ;;  # the name carries the server's version, known after the update
      font) packages+=(fontconfig fonts-noto-cjk) ;;
    esac
  done
  log=$(mktemp)
  if apt-get update -qq >"$log" 2>&1 \
    && packages=("${packages[@]/POSTGIS/$(apt-cache depends postgresql | grep -oE 'postgresql-[0-9]+' | head -1)-postgis-3}") \
    && apt-get install -y -qq --no-install-recommends "${packages[@]}" >>"$log" 2>&1; then
    rm -f "$log"
    exit 0
  fi
  echo "apt-get could not install ${packages[*]}:"
  tail -5 "$log"
  rm -f "$log"
  exit 1
fi
cat <<EOF
These are missing for the tests: ${missing[*]}
On Debian or Ubuntu:  sudo apt-get install chromium fonts-noto-cjk postgresql postgresql-15-postgis-3
(15 stands for your PostgreSQL version; any version from 15 on will do.)
EOF
exit 1
