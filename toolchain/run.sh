#!/bin/sh
# Runs Berth's command line from a checkout where nothing may be in place yet:  sh toolchain/run.sh up
# Brings a recent Node.js and the npm packages, then leaves the rest to the program. Whatever is in place already
# is left alone; an interrupted step is done again; of two runs at once, one waits for the other.
set -eu

root=$(cd -- "$(dirname -- "$0")/.." && pwd)
cache=${BERTH_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/berth}
mkdir -p "$cache/logs"
# Seconds that one run of npm may take: it tries again for long, and in silence, where a registry does not answer.
npm_limit=${BERTH_NPM_LIMIT:-900}
# And a minute for what else the run does that has a folder.
wait_limit=$((npm_limit + 60))

say() { printf '%s\n' "$*" >&2; }
fail() {
  say "berth: $*"
  exit 1
}
recent() { [ "$("$1" -p 'process.versions.node.split(".")[0] >= 22' 2>/dev/null)" = true ]; }

# quiet_npm LOG ARGUMENT…: npm's output goes to the log, whose end is shown where it fails or takes too long.
quiet_npm() {
  log=$1
  shift
  status=0
  # In the foreground, so that Ctrl-C ends npm too.
  timeout --foreground --kill-after=10 "$npm_limit" npm "$@" >"$log" 2>&1 </dev/null || status=$?
  [ "$status" -ne 0 ] || return 0
  tail -n 25 "$log" >&2
  case $status in
  124 | 137) fail "npm $* did not end within $npm_limit s (BERTH_NPM_LIMIT); all of its output is in $log" ;;
  *) fail "npm $* failed; all of its output is in $log" ;;
  esac
}

# holding FOLDER FUNCTION: runs it while no other run holds the folder, which a dead one lets go by itself.
holding() (
  exec 9<"$1"
  flock -n 9 || {
    say "Waiting for another run (up to $((wait_limit / 60)) min)"
    flock -w "$wait_limit" 9 || fail "another run has held $1 for $wait_limit s"
  }
  "$2"
)

install_node() {
  [ ! -x "$node_dir/bin/node" ] || return 0
  say "Installing Node.js 24 from npm, as this machine has $(node --version 2>/dev/null || echo none) (10 to 60 s)"
  rm -rf "$node_dir.tmp"
  mkdir -p "$node_dir.tmp"
  cp "$root/toolchain/node/package.json" "$root/toolchain/node/package-lock.json" "$node_dir.tmp/"
  (cd "$node_dir.tmp" && quiet_npm "$cache/logs/npm-node.log" ci --ignore-scripts --no-audit --no-fund)
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
  # npm looks for its global settings, such as a proxy's certificate, beside the Node.js that runs it.
  (
    cd "$root"
    NPM_CONFIG_GLOBALCONFIG=$(PATH=$given_path npm config get globalconfig)
    export NPM_CONFIG_GLOBALCONFIG
    quiet_npm "$cache/logs/npm.log" install --no-save --no-audit --no-fund
  )
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
given_path=$PATH
PATH=$(dirname -- "$node"):$PATH
export PATH

stamp=$root/node_modules/.berth-lock
wanted=$(cksum <"$root/package-lock.json")
[ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] || holding "$root" install_packages

"$node" "$root/toolchain/compile.mjs"
exec "$node" "$root/dist/cli/main.js" "$@"
