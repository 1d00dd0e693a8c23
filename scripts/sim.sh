#!/bin/sh
# Runs the simulation from its classes, and builds those first if a source is newer. Options are those of SimulationMain: --help.
#
#   scripts/sim.sh --seed 42      replays one history
#   scripts/sim.sh --build        only builds
set -u
cd "$(dirname "$0")/.." || exit 1

modules="format runtime objectstore metastore log simulation"
stamp=simulation/target/.built
log=.make/simulation-build.log

is_stale() {
    [ -f "$stamp" ] && [ -f simulation/target/class-path ] || return 0
    for module in $modules; do
        # A directory is newer, too, once a file in it was added or removed.
        [ -z "$(find pom.xml "$module/pom.xml" "$module/src/main" -newer "$stamp" | head -n 1)" ] || return 0
    done
    return 1
}

if is_stale; then
    mkdir -p .make simulation/target
    : >.make/simulation-build.started # what is edited while we build is newer than this
    echo "Building the simulation ..." >&2
    if ! sh scripts/mvn.sh -Dmaven.test.skip=true -pl simulation -am process-classes >"$log" 2>&1; then
        grep -vE '^(\[INFO\]|WARNING)' "$log" | head -n 20 >&2
        echo "The build failed; all of its output is in $log." >&2
        exit 1
    fi
    touch -r .make/simulation-build.started "$stamp"
fi
[ "${1:-}" = --build ] && exit 0

java_home=$(sh scripts/find-jdk.sh) || exit 1
exec "$java_home/bin/java" -XX:+UseParallelGC -Xmx2g -cp "simulation/target/classes:$(cat simulation/target/class-path)" \
    io.kafscale.simulation.SimulationMain "$@"
