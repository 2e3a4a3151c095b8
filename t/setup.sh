# shellcheck shell=sh
# SPDX-License-Identifier: GPL-2.0-or-later
# What t/try and t/check share: read by them with ".". Sets $src, the source tree.

src=$(cd "$(dirname "$0")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# follow PID LOG WHAT FILTER: while the process lives, says now and then how far it is: the last line of what FILTER
# makes of its log. On a terminal in one line, elsewhere a line each ten seconds.
follow() {
  seconds=0
  every=10
  [ ! -t 2 ] || every=1
  while kill -0 "$1" 2>/dev/null; do
    sleep 1
    seconds=$((seconds + 1))
    [ $((seconds % every)) = 0 ] || continue
    at=$(sh -c "$4" <"$2" 2>/dev/null | tail -n 1)
    if [ -t 2 ]; then printf '\r%s: %s s, %s\033[K' "$3" "$seconds" "$at" >&2
    else printf '%s: %s s, %s\n' "$3" "$seconds" "$at" >&2; fi
  done
  if [ -t 2 ] && [ "$seconds" -gt 0 ]; then printf '\r\033[K' >&2; fi
}

# find_missing KIND...: sets $missing, the packages of these kinds that are not installed.
find_missing() {
  missing=
  for kind; do
    # shellcheck disable=SC2013 # one word a line
    for p in $(sed -n "s/^$kind //p" "$src/t/packages"); do
      dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2>/dev/null | grep -q '^ii' || missing="$missing $p"
    done
  done
}

# need KIND...: installs the packages of these kinds that are missing.
need() {
  find_missing "$@"
  [ -n "$missing" ] || return 0
  say "installing:$missing"
  log=$(mktemp)
  # Old package lists may do as well, so it is the installation that decides.
  # shellcheck disable=SC2086 # a list of words
  { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update || true
    as_root env DEBIAN_FRONTEND=noninteractive \
      apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends install $missing
  } >"$log" 2>&1 </dev/null &
  # shellcheck disable=SC2016 # for awk
  follow $! "$log" installing 'awk "/^Get:/ { g++ } /^Unpacking/ { u++ } /^Setting up/ { s++ }
    END { printf \"%d files fetched, %d packages unpacked, %d set up\", g, u, s }"'
  wait $! || {
    cat "$log" >&2
    say "xsabot: the packages could not be installed; as root: apt-get install$missing"
    exit 1
  }
  rm -f "$log"
}

# unpack DIR KIND...: the files of the packages of these kinds that are missing go to DIR, and nowhere else.
# Where they can't be had, what needs them is skipped.
unpack() {
  to=$1
  shift
  find_missing "$@"
  if [ -z "$missing" ] || [ "$(cat "$to/packages" 2>/dev/null)" = "$missing" ]; then return; fi
  say "unpacking into $to:$missing"
  rm -rf "$to"
  mkdir -p "$to/deb"
  # shellcheck disable=SC2086 # a list of words
  { (cd "$to/deb" && apt-get -q download $missing) ||
    { as_root apt-get -q update && (cd "$to/deb" && apt-get -q download $missing); }
  } >"$to/log" 2>&1 </dev/null || {
    say "they could not be downloaded: see $to/log"
    return 0
  }
  for deb in "$to"/deb/*.deb; do dpkg-deb -x "$deb" "$to"; done
  rm -r "$to/deb"
  printf '%s\n' "$missing" >"$to/packages"
}

# build DIR [MESON-OPTION...]: sets up and compiles; quiet unless it fails.
build() {
  dir=$1
  shift
  log=$dir.log
  {
    if [ -f "$dir/build.ninja" ]; then meson setup --reconfigure "$dir" "$src" "$@"
    else meson setup "$dir" "$src" "$@"; fi && meson compile -C "$dir"
  } >"$log" 2>&1 </dev/null &
  follow $! "$log" building "tr '\\r' '\\n' | sed -n 's/^\\(\\[[0-9]*\\/[0-9]*\\]\\).*/\\1/p'"
  wait $! || {
    tail -40 "$log" >&2
    say "xsabot: the build failed; all of its output is in $log"
    exit 1
  }
}

# build_dir NAME: a directory for a build: in the source tree, or elsewhere when we can't write there.
build_dir() {
  if [ -w "$src" ] && { [ ! -e "$src/$1" ] || [ -w "$src/$1" ]; }; then
    printf '%s' "$src/$1"
  else
    printf '%s' "$(mktemp -d)/$1"
  fi
}
