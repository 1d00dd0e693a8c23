#!/bin/sh
# BOOTSTRAP=host:port ./run.sh
set -eu
cd "$(dirname "$0")"
if [ ! -x .venv/bin/python ]; then
    python3 -m venv .venv
    .venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
fi
echo "# kafka-python"
.venv/bin/python orders_kafka_python.py
echo "# confluent-kafka"
.venv/bin/python orders_confluent_kafka.py
