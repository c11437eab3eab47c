# Whether Botyard itself is well: its settings, its database, room on its disk, the age of its newest backup.
cd "$INSTALLATION" || exit 1
failed=0
section() { printf '\n\033[1m%s\033[0m\n' "$1"; }
wrong() { printf '::error::%s\n' "$1"; failed=1; }

section 'Settings'
"$NODE" src/server.ts --check-config || wrong 'The settings are not usable.'

section 'Database'
"$NODE" src/db/check.ts "$DATA_DIR" || wrong 'The database is damaged: restore a backup.'

section 'Disk'
df -hP "$DATA_DIR"
used=$(df -P "$DATA_DIR" | awk 'NR == 2 { sub("%", "", $5); print $5 }')
[ "$used" -lt 95 ] || wrong "The disk is $used % full."

section 'Newest backup'
newest=$(ls -1t "$DATA_DIR/backups" 2>/dev/null | head -n 1)
if [ -z "$newest" ]; then
  echo '::warning::There is no backup yet.'
else
  age=$((($(date +%s) - $(stat -c %Y "$DATA_DIR/backups/$newest")) / 3600))
  echo "$newest, $age hours old"
  [ "$age" -lt 48 ] || wrong "The newest backup is $age hours old."
fi
exit "$failed"
