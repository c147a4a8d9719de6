#!/bin/sh
# Runs Berth's command line from a checkout where nothing may be in place yet:  sh toolchain/run.sh up
# Brings a recent Node.js and the npm packages, then leaves the rest to the program. Whatever is in place already
# is left alone; an interrupted step is done again; of two runs at once, one waits for the other.
set -eu

root=$(cd -- "$(dirname -- "$0")/.." && pwd)
cache=${BERTH_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/berth}
mkdir -p "$cache/logs"

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "berth: $*"
  exit 1
}
recent() { [ "$("$1" -p 'process.versions.node.split(".")[0] >= 22' 2>/dev/null)" = true ]; }

# quiet LOG COMMAND…: the command's output goes to the log, whose end is shown where it fails.
quiet() {
  log=$1
  shift
  "$@" >"$log" 2>&1 </dev/null && return
  tail -n 25 "$log" >&2
  fail "$* failed; all of its output is in $log"
}

# holding FOLDER FUNCTION: runs it while no other run holds the folder, which a dead one lets go by itself.
holding() (
  exec 9<"$1"
  flock -n 9 || {
    say "Waiting for another run (up to 10 min)"
    flock -w 600 9 || fail "another run has held $1 for 10 min"
  }
  "$2"
)

install_node() {
  [ ! -x "$node_dir/bin/node" ] || return 0
  say "Installing Node.js 24 from npm, as this machine has $(node --version 2>/dev/null || echo none) (10 to 60 s)"
  rm -rf "$node_dir.tmp"
  mkdir -p "$node_dir.tmp"
  cp "$root/toolchain/node/package.json" "$root/toolchain/node/package-lock.json" "$node_dir.tmp/"
  (cd "$node_dir.tmp" && quiet "$cache/logs/npm-node.log" npm ci --ignore-scripts --no-audit --no-fund)
  binary=$(find "$node_dir.tmp/node_modules" -path '*/bin/node' -type f | head -n 1)
  [ -n "$binary" ] || fail "npm has no Node.js for $(uname -sm): install Node.js 22 or later"
  mkdir -p "$node_dir.tmp/bin"
  mv "$binary" "$node_dir.tmp/bin/node"
  mv "$node_dir.tmp" "$node_dir"
}

install_packages() {
  [ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || return 0
  say "Installing npm packages (10 s to 2 min)"
  # Not `npm ci`: it refuses a lock file that lacks other systems' optional packages, and npm writes such a one
  # where the registry does not have them. Versions and checksums are the lock file's all the same.
  (cd "$root" && quiet "$cache/logs/npm.log" npm install --no-save --no-audit --no-fund)
  printf '%s\n' "$wanted" >"$stamp"
}

command -v npm >/dev/null ||
  fail "npm is missing: install it, on Debian with  apt-get update && apt-get install --no-install-recommends npm"
command -v flock >/dev/null || fail "flock is missing: install it, on Debian with  apt-get install util-linux"

if recent node; then
  node=$(command -v node)
else
  node_dir=$cache/node-$(cksum <"$root/toolchain/node/package-lock.json" | cut -d ' ' -f 1)
  [ -x "$node_dir/bin/node" ] || holding "$cache" install_node
  node=$node_dir/bin/node
  recent "$node" || fail "$node does not run: remove $node_dir and try again"
fi
PATH=$(dirname -- "$node"):$PATH
export PATH

stamp=$root/node_modules/.berth-lock
wanted=$(cksum <"$root/package-lock.json")
[ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] || holding "$root" install_packages

"$node" "$root/toolchain/compile.mjs"
exec "$node" "$root/dist/cli/main.js" "$@"
