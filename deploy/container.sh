#!/bin/sh
# Starts the server in a container: as the image's user, or begun by root where a platform mounts volumes that are root's alone, or
# where bots are to have a user of their own. Then the volume is made ready first, and the server does not go on as root.
set -eu
cd "$(dirname "$0")/.."
user=10001

if [ "$(id -u)" = 0 ]; then
  mkdir -p "$DATA_DIR" "$HOME"
  chown "$user:$user" "$DATA_DIR" "$HOME"
  if [ -z "${BOT_USER:-}" ]; then
    exec setpriv --reuid="$user" --regid="$user" --clear-groups --inh-caps=-all --no-new-privs -- "$0"
  fi
  # He comes through, and into what is his.
  chmod o+x "$(dirname "$DATA_DIR")"
  bots_home=$(getent passwd "$BOT_USER" | cut -d : -f 6)
  [ -e "$bots_home" ] || install --directory --owner="$BOT_USER" --group="$(id -g "$BOT_USER")" --mode=0700 "$bots_home"
  rights=+setuid,+setgid,+kill
  exec setpriv --reuid="$user" --regid="$user" --groups="$(id -g "$BOT_USER")" --inh-caps="$rights" --ambient-caps="$rights" \
    --no-new-privs -- deploy/start.sh
fi

mkdir -p "$HOME"
exec node_modules/.bin/node src/server.ts
