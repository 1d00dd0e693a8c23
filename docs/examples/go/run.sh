#!/bin/sh
# BOOTSTRAP=host:port ./run.sh
set -eu
cd "$(dirname "$0")"
exec go run .
