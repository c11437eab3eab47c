# The time every second for a minute.
i=0
while [ "$i" -lt 60 ]; do
  date '+%H:%M:%S'
  i=$((i + 1))
  sleep 1
done
