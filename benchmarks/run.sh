#!/bin/sh
# Measures this broker and Apache Kafka side by side on this machine.
#
#   benchmarks/run.sh               all of it, about 35 minutes and 30 GB of disk; writes docs/benchmarks.md
#   QUICK=1 benchmarks/run.sh       six minutes, one round; writes benchmarks/target/benchmarks-quick.md
#   BENCH_ARGS="--only kafscale …"  further options; --help lists them
set -u
cd "$(dirname "$0")/.." || exit 1

sh scripts/build.sh || exit 1
JAVA_HOME=$(sh scripts/find-jdk.sh --jdk) || exit 1
export JAVA_HOME

# Runs Maven silently, unless it fails.
maven() {
    mkdir -p benchmarks/target
    if ! mvn -B -Dstyle.color=never "$@" >benchmarks/target/build.log 2>&1; then
        grep -E '^\[ERROR\]' benchmarks/target/build.log | head -n 20 >&2
        echo "Maven failed; all of its output is in benchmarks/target/build.log." >&2
        exit 1
    fi
}

kafka=benchmarks/target/kafka
if [ ! -f "$kafka/.complete" ] || [ benchmarks/kafka/pom.xml -nt "$kafka/.complete" ]; then
    echo "Getting Apache Kafka from Maven Central ..." >&2
    rm -rf "$kafka"
    maven -f benchmarks/kafka/pom.xml dependency:copy-dependencies -DoutputDirectory="$PWD/$kafka"
    touch "$kafka/.complete"
fi
jar=benchmarks/target/kafscale-benchmarks-0.1.0-SNAPSHOT.jar
if [ ! -f "$jar" ] || [ -n "$(find benchmarks/pom.xml benchmarks/src/main -newer "$jar" | head -n 1)" ]; then
    maven -pl benchmarks -Dmaven.test.skip=true package
fi

quick=
[ -z "${QUICK:-}" ] || quick=--quick
# BENCH_ARGS is meant to be split into words.
# shellcheck disable=SC2086
exec "$JAVA_HOME/bin/java" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 --sun-misc-unsafe-memory-access=allow \
    -cp "$jar:$kafka/*" io.kafscale.benchmarks.Benchmark --kafka "$kafka" $quick ${BENCH_ARGS:-}
