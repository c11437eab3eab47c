cd "$1" || exit; set -C; : >started || exit; cap=$2 cwd=$3 in=$4; shift 4
{ ( d=$PWD; fail() { : >"$d/unstarted"; exit 125; }
    read -r b </proc/sys/kernel/random/boot_id && read -r w </proc/$$/stat && read -r s </proc/self/stat && printf '%s\n' "$b" "$w" "$s" >pid || fail
    cd "$cwd" && command -v -- "$1" >/dev/null || fail
    export BOTYARD_ATTEMPT="${d##*/}"; unset OLDPWD; exec /usr/bin/setsid "$@" ) <>"$in" 2>&1
  : >exit.$?; } 2>/dev/null | { ulimit -f "$cap"; exec /usr/bin/cat >>log; }
: >closed.$?
