# Whether Botyard itself is well: its database, room on its disk, the age of its newest backup.
# Of what it may not read, as a bot with a user of its own may not, it says so.
failed=0
section() { printf '\n\033[1m%s\033[0m\n' "$1"; }
wrong() { printf '::error::%s\n' "$1"; failed=1; }
unseen() { printf '::warning::Not looked at: bots run as %s, who may not read %s.\n' "$(id -un)" "$1"; }

section 'Database'
if [ -e "$DATA_DIR/botyard.db" ] && [ ! -r "$DATA_DIR/botyard.db" ]; then
  unseen 'the database'
else
  "$NODE" "$INSTALLATION/src/db/check.ts" "$DATA_DIR"
  case $? in
    0) ;;
    2) wrong 'The database is damaged: restore a backup.' ;;
    *) wrong 'The database could not be looked at.' ;;
  esac
fi

section 'Disk'
df -hP "$DATA_DIR"
used=$(df -P "$DATA_DIR" | awk 'NR == 2 { sub("%", "", $5); print $5 }')
[ "$used" -lt 95 ] || wrong "The disk is $used % full."

section 'Newest backup'
newest=$(ls -1t "$DATA_DIR/backups" 2>/dev/null | head -n 1)
if [ -e "$DATA_DIR/backups" ] && [ ! -r "$DATA_DIR/backups" ]; then
  unseen 'the backups'
elif [ -z "$newest" ]; then
  echo '::warning::There is no backup yet.'
else
  age=$((($(date +%s) - $(stat -c %Y "$DATA_DIR/backups/$newest")) / 3600))
  echo "$newest, $age hours old"
  [ "$age" -lt 48 ] || wrong "The newest backup is $age hours old."
fi
exit "$failed"
