#!/bin/sh
# Runs a cluster on this machine until Ctrl-C: brokers, an etcd, an S3 server. Builds what is needed first.
#
#   scripts/cluster.sh                          at the usual ports; stores into ./data-cluster
#   scripts/cluster.sh DIR BROKERS ETCD S3      elsewhere: a directory, and the first port of each
set -u
cd "$(dirname "$0")/.." || exit 1

modules="runtime objectstore testkit"
stamp=testkit/target/.built
log=.make/testkit-build.log

is_stale() {
    [ -f "$stamp" ] && [ -f testkit/target/class-path ] || return 0
    for module in $modules; do
        # A directory is newer, too, once a file in it was added or removed.
        [ -z "$(find pom.xml "$module/pom.xml" "$module/src/main" -newer "$stamp" | head -n 1)" ] || return 0
    done
    return 1
}

sh scripts/build.sh || exit 1
if is_stale; then
    mkdir -p .make testkit/target
    : >.make/testkit-build.started # what is edited while we build is newer than this
    echo "Building the S3 server ..." >&2
    if ! sh scripts/mvn.sh -Dmaven.test.skip=true -pl testkit -am process-classes >"$log" 2>&1; then
        grep -vE '^(\[INFO\]|WARNING)' "$log" | head -n 20 >&2
        echo "The build failed; all of its output is in $log." >&2
        exit 1
    fi
    touch -r .make/testkit-build.started "$stamp"
fi

java_home=$(sh scripts/find-jdk.sh) || exit 1
exec "$java_home/bin/java" -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 \
    -cp "testkit/target/classes:$(cat testkit/target/class-path)" io.kafscale.testkit.cluster.LocalClusterMain "$@"
