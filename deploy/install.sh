#!/bin/bash
# Installs Botyard on a Debian or Ubuntu with systemd, or upgrades it: run it as root from a checkout of what is to run.
#
#   deploy/install.sh https://bots.example.com    # the address people use; later runs need none
#
# Each version gets a folder of its own in /opt/botyard-releases, and /opt/botyard is a link to the one that runs. So the old one
# runs until the new one is complete, and is put back when the new one does not come up. What is there already stays: users,
# /etc/botyard.env, and /var/lib/botyard with all data. docs/install.md and docs/upgrade.md say more.
set -euo pipefail
umask 022

readonly CODE=/opt/botyard RELEASES=/opt/botyard-releases DATA=/var/lib/botyard SETTINGS=/etc/botyard.env
readonly NPM=11.19.1
readonly UNIT=/etc/systemd/system/botyard.service
readonly SITE=/etc/systemd/system/caddy.service.d/botyard.conf CADDYFILE=/etc/caddy/Caddyfile

say() {
  printf -- '- %s\n' "$1"
  shift
  [ $# = 0 ] || printf '    %s\n' "$@"
}
fail() {
  printf '%s\n' "$@" >&2
  exit 1
}

checkout=$(cd "$(dirname "$0")/.." && pwd -P)
url=${1:-}

[ "$(id -u)" = 0 ] || fail "This installs packages and users: run it as root."
[ -d /run/systemd/system ] || fail "systemd does not run here. docs/install.md says how to install by hand."
if [ -e "$CODE" ] && [ ! -L "$CODE" ]; then
  fail "$CODE is a folder, and is to be a link to the version that runs. Move it away first, with the server stopped:" \
    "  systemctl stop botyard; mv $CODE /usr/local/src/botyard    # bots go on" \
    "and run deploy/install.sh there."
fi
case $checkout in
"$RELEASES"/*) fail "This is an installed version. Run deploy/install.sh of a checkout, such as /usr/local/src/botyard." ;;
esac
if [ ! -e "$SETTINGS" ]; then
  [[ $url =~ ^https?://[^/]+$ ]] || fail "Usage: deploy/install.sh https://bots.example.com"
fi

packages() {
  local missing=()
  command -v npm >/dev/null || missing+=(npm)
  command -v caddy >/dev/null || missing+=(caddy)
  # Node is in the packages of npm, this library of its is not.
  ldconfig -p | grep -q libatomic.so.1 || missing+=(libatomic1)
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]}"
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

users() {
  if ! id -u botyard-bots >/dev/null 2>&1; then
    useradd --system --create-home --home-dir /var/lib/botyard-bots --shell /usr/sbin/nologin botyard-bots
    say "made the user botyard-bots, as whom bots run"
  fi
  if ! id -u botyard >/dev/null 2>&1; then
    useradd --system --home-dir /nonexistent --shell /usr/sbin/nologin botyard
    say "made the user botyard, as whom the server runs"
  fi
}

settings() {
  [ ! -e "$SETTINGS" ] || return 0
  install -m 600 /dev/null "$SETTINGS"
  printf '%s\n' "# Settings of Botyard; .env.example lists them all. Then: systemctl restart botyard" "PUBLIC_URL=$url" >"$SETTINGS"
  say "wrote $SETTINGS"
}

# Debian's npm 9 cannot install these packages: it wants to compile some, and breaks off. So where npm is older than 11 it
# fetches one that can, with the Node it runs on.
build() {
  local npm=(npm) node
  if [ "$(npm --version | cut -d. -f1)" -lt 11 ]; then
    node=node-linux-$([ "$(uname -m)" = aarch64 ] && echo arm64 || echo x64)
    npm install --prefix "$new/.npm" --ignore-scripts --no-save \
      "$node@$(sed -n "s/.*\"$node\": \"\(.*\)\".*/\1/p" package.json)" "npm@$NPM" || return
    npm=("$new/.npm/node_modules/$node/bin/node" "$new/.npm/node_modules/npm/bin/npm-cli.js")
    PATH="$new/.npm/node_modules/$node/bin:$PATH"
  fi
  "${npm[@]}" ci && "${npm[@]}" prune --omit=dev --ignore-scripts && rm -rf .npm && [ -e public/index.html ]
}

# A new folder with all that the version needs, built and checked; nothing else has changed when this fails.
release() {
  new=$RELEASES/$(date -u +%Y%m%dT%H%M%SZ)
  mkdir -p "$RELEASES"
  mkdir "$new"
  trap 'rm -rf "$new"' EXIT
  say "building $new"
  tar -C "$checkout" --exclude=./.git --exclude=./node_modules --exclude=./data --exclude=./.env --exclude=./public \
    --no-same-owner -cf - . | tar -C "$new" --no-same-owner -xf -
  # What packages want to run at their installation is left out (some would compile), what ours does is run.
  (cd "$new" && build) >"$new/install.log" 2>&1 || {
    tail -n 20 "$new/install.log" >&2
    fail "The new version could not be built. Nothing has changed."
  }
  systemd-run --quiet --wait --pipe --collect -p User=botyard -p WorkingDirectory="$new" -p EnvironmentFile="$SETTINGS" \
    -p Environment=NODE_ENV=production -p Environment=DATA_DIR="$DATA" \
    "$new/node_modules/.bin/node" src/server.ts --check-config >/dev/null || fail "Mend $SETTINGS. Nothing has changed."
  # Pages that are open now still ask for the files of their version.
  if [ -d "$CODE/public/assets" ]; then
    (cd "$CODE/public/assets" && find . -type f -mtime -30 -exec cp --no-clobber --preserve=timestamps -t "$new/public/assets" {} +)
  fi
  trap - EXIT
}

# Makes a version the one that runs. Bots that run go on.
run() {
  ln -sfn "$1" "$CODE.new" &&
    mv -T "$CODE.new" "$CODE" &&
    install -m 644 "$1/deploy/botyard.service" "$UNIT" &&
    systemctl daemon-reload &&
    systemctl --quiet enable botyard &&
    systemctl restart botyard
}

# What the server has said of late; not what systemd says of it, which is a line for each bot that lives on.
lastWords() { journalctl _SYSTEMD_UNIT=botyard.service --lines 10 --no-pager --output cat >&2 || true; }

goBack() {
  lastWords
  [ -n "$old" ] || fail "The server does not come up; the lines above say why. Then: systemctl restart botyard"
  if run "$old"; then
    fail "The new version does not come up; the lines above say why. The old one runs again, and bots have gone on."
  fi
  lastWords
  fail "Neither the new version nor the old one comes up; the lines above say why. Bots go on." \
    "If the database is newer than the old version, take it back with the new one, as docs/upgrade.md says; it is in $new"
}

# Caddy's own file is ours while nobody has changed what came with its package.
proxy() {
  local address
  address=$(sed -n 's/^PUBLIC_URL=//p' "$SETTINGS" | tail -n 1)
  install -d "$(dirname "$SITE")"
  printf '%s\n' '[Service]' "Environment=SITE_ADDRESS=$address" >"$SITE"
  if ! grep -qs "^import $CODE/Caddyfile" "$CADDYFILE"; then
    if dpkg-query --show --showformat='${Conffiles}\n' caddy 2>/dev/null |
      grep -q "$CADDYFILE $(md5sum <"$CADDYFILE" | cut -d' ' -f1)"; then
      printf '%s\n' "import $CODE/Caddyfile" >"$CADDYFILE"
      say "wrote $CADDYFILE"
    else
      say "$CADDYFILE is your own. Add this line to it, and: systemctl reload caddy" "import $CODE/Caddyfile"
    fi
  fi
  systemctl daemon-reload
  systemctl --quiet enable caddy
  systemctl reload-or-restart caddy || say "Caddy does not come up: journalctl --unit caddy says why. The server runs."
}

tidy() {
  local folder
  for folder in "$RELEASES"/*; do
    [ "$folder" = "$new" ] || [ "$folder" = "$old" ] || rm -rf "$folder"
  done
}

old=$(readlink -f "$CODE" || true)
[ -d "$old" ] || old=
packages
users
settings
release
run "$new" || goBack
say "the server runs $new${old:+; before it ran $old}"
proxy
tidy

address=$(sed -n 's/^PUBLIC_URL=//p' "$SETTINGS" | tail -n 1)
if [ -e "$DATA/setup-token" ]; then
  say "open this link and make the administrator:" "$address/setup#$(cat "$DATA/setup-token")"
else
  say "people reach it at $address"
fi
