# SPDX-License-Identifier: GPL-2.0-or-later
# What t/try and t/check share: read by them with ".". Sets $src, the source tree.

src=$(cd "$(dirname "$0")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# need KIND...: installs the packages of these kinds that are missing.
need() {
  missing=
  for kind; do
    for p in $(sed -n "s/^$kind //p" "$src/t/packages"); do
      dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2>/dev/null | grep -q '^ii' || missing="$missing $p"
    done
  done
  [ -n "$missing" ] || return 0
  say "installing:$missing"
  # shellcheck disable=SC2086 # a list of words
  { as_root env DEBIAN_FRONTEND=noninteractive apt-get -q update &&
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $missing
  } >"${TMPDIR:-/tmp}/xsabot-apt.$$" 2>&1 || {
    cat "${TMPDIR:-/tmp}/xsabot-apt.$$" >&2
    say "xsabot: the packages could not be installed; as root: apt-get install$missing"
    exit 1
  }
  rm -f "${TMPDIR:-/tmp}/xsabot-apt.$$"
}

# build DIR [MESON-OPTION...]: sets up and compiles; quiet unless it fails.
build() {
  dir=$1
  shift
  log=$dir.log
  {
    if [ -f "$dir/build.ninja" ]; then meson setup --reconfigure "$dir" "$src" "$@"
    else meson setup "$dir" "$src" "$@"; fi && meson compile -C "$dir"
  } >"$log" 2>&1 </dev/null || {
    tail -40 "$log" >&2
    say "xsabot: the build failed; all of its output is in $log"
    exit 1
  }
}

# build_root: a directory for builds: in the source tree, or elsewhere when that can't be written to.
build_root() {
  if [ -w "$src" ]; then printf '%s' "$src"; else mktemp -d "${TMPDIR:-/tmp}/xsabot-XXXXXX"; fi
}
