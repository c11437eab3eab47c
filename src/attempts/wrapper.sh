cd "$1" || exit; set -C; : >started || exit; BOTYARD_CAP=$2 BOTYARD_CWD=$3 BOTYARD_IN=$4 BOTYARD_GROUPS=$5; shift 5
{ ( BOTYARD_D=$PWD; fail() { : >"$BOTYARD_D/unstarted"; exit 125; }
    read -r BOTYARD_B </proc/sys/kernel/random/boot_id && read -r BOTYARD_W </proc/$$/stat && read -r BOTYARD_S </proc/self/stat && printf '%s\n' "$BOTYARD_B" "$BOTYARD_W" "$BOTYARD_S" >pid || fail
    while [ "$BOTYARD_GROUPS" -gt 0 ]; do { echo 0 >>"$1"; } 2>/dev/null; shift; BOTYARD_GROUPS=$((BOTYARD_GROUPS - 1)); done
    cd "$BOTYARD_CWD" && command -v -- "$1" >/dev/null || fail
    export BOTYARD_ATTEMPT="${BOTYARD_D##*/}"; unset OLDPWD; exec /usr/bin/setsid "$@" ) <>"$BOTYARD_IN" 2>&1
  times >exit.$?; } 2>/dev/null | { ulimit -f "$BOTYARD_CAP"; LC_ALL=C exec ${BOTYARD_BARE-} /usr/bin/cat >>log; }
: >closed.$?
