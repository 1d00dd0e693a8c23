#!/bin/sh
# Measures what many partitions cost a cluster of three brokers on this machine, and prints a table for docs/benchmarks.md.
#
#   benchmarks/partitions.sh                 10,000 partitions, about eight minutes
#   benchmarks/partitions.sh 1000 20         another number of partitions; seconds to watch the idle cluster each time
set -u
cd "$(dirname "$0")/.." || exit 1

JAVA_HOME=$(sh scripts/find-jdk.sh --jdk) || exit 1
export JAVA_HOME
mkdir -p benchmarks/target
if ! sh scripts/mvn.sh -Dmaven.test.skip=true -pl benchmarks process-classes >benchmarks/target/build.log 2>&1; then
    grep -E '^\[ERROR\]' benchmarks/target/build.log | head -n 20 >&2
    echo "Maven failed; all of its output is in benchmarks/target/build.log." >&2
    exit 1
fi
exec "$JAVA_HOME/bin/java" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --sun-misc-unsafe-memory-access=allow \
    -Dslf4j.internal.verbosity=ERROR \
    -cp "benchmarks/target/classes:$(cat benchmarks/target/class-path)" io.kafscale.benchmarks.ManyPartitions "$@"
