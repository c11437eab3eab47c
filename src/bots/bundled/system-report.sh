# What this machine has, and what it is doing with it.
section() { printf '\n\033[1m%s\033[0m\n' "$1"; }
have() { command -v "$1" >/dev/null; }

section 'System'
uname -srm
if have uptime; then uptime; else cat /proc/loadavg; fi
section 'Disk'
df -hP -x tmpfs -x devtmpfs -x overlay 2>/dev/null || df -hP
section 'Memory'
if have free; then free -h; else head -n 3 /proc/meminfo; fi
section 'Processes that use the most processor time'
if have ps; then ps -eo pid,user,pcpu,pmem,etime,comm --sort=-pcpu | head -n 11; else echo 'ps is not installed (package procps)'; fi
section 'Network'
if have ip; then ip -brief address; else cat /proc/net/dev; fi
section 'Listening'
if have ss; then ss -ltn; else echo 'ss is not installed (package iproute2)'; fi
