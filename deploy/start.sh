#!/bin/sh
# Starts the server with a shell beside it that launches bots. The rights to become BOT_USER and to signal him, which a service
# manager lends to this process, stay with that shell: the server has the two ends of it, and no rights.
set -eu
cd "$(dirname "$0")/.."

pipes=$(mktemp -d)
mkfifo -m 600 "$pipes/in" "$pipes/out"
# Open for both directions nobody waits for the other end. In the background, the shell would ignore Ctrl-C, and so would bots.
exec 5<>"$pipes/in" 6<>"$pipes/out"
setsid -f env -i nice -n 5 /bin/sh <"$pipes/in" >"$pipes/out" 2>/dev/null 5>&- 6>&-
exec 3>"$pipes/in" 4<"$pipes/out" 5>&- 6>&-
rm -r "$pipes"

exec setpriv --inh-caps=-all -- node_modules/.bin/node src/server.ts --launcher-given
