#!/bin/sh
# BOOTSTRAP=host:port ./run.sh
set -eu
cd "$(dirname "$0")"
[ -d node_modules/kafkajs ] || npm install --silent --no-audit --no-fund
exec npm start --silent
