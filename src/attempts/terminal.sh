# Runs in a bot's new terminal: $1 is the attempt's folder, the rest is the bot's command, which takes this shell's place.
BOTYARD_D=$1; shift
fail() { : >"$BOTYARD_D/unstarted"; exit 125; }
command -v -- "$1" >/dev/null && /usr/bin/stty echo iutf8 cols 80 rows 24 || fail
read -r BOTYARD_S </proc/self/stat && printf '%s\n' "$BOTYARD_S" >"$BOTYARD_D/terminal" || fail
exec "$@"
