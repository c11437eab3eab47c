#!/bin/sh
# Starts the server in its container on Railway, whose railway.json cannot name variables. What is set there goes before this.
set -eu

: "${PUBLIC_URL:=https://${RAILWAY_PUBLIC_DOMAIN:?Make a public domain for the service, or set PUBLIC_URL}}"
# Everybody: nobody but Railway's edge gets to this port from outside, and it says itself who asks, whatever it was told.
: "${TRUSTED_PROXY:=0.0.0.0/1,128.0.0.0/1,::/1,8000::/1}"
# Less than drainingSeconds in railway.json; 0 is what the image says by itself.
[ "${DRAIN_SECONDS:-0}" != 0 ] || DRAIN_SECONDS=240
export PUBLIC_URL TRUSTED_PROXY DRAIN_SECONDS

exec "$(dirname "$0")/container.sh"
