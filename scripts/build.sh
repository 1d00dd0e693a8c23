#!/bin/sh
# Builds the program into app/target, if sources are newer than what is there. Says nothing if they are not.
#
#   scripts/build.sh            builds what is needed
#   scripts/build.sh --check    builds nothing: fails if something would have to be built
set -u
cd "$(dirname "$0")/.." || exit 1

stamp=app/target/.built
log=.make/build.log

is_stale() {
    [ -f "$stamp" ] || return 0
    # A directory is newer, too, once a file in it was added or removed.
    [ -n "$(find pom.xml ./*/pom.xml ./*/src/main ./*/protocol/pom.xml ./*/protocol/src -newer "$stamp" 2>/dev/null | head -n 1)" ]
}

is_stale || exit 0
[ "${1:-}" = --check ] && exit 1

mkdir -p .make
if command -v flock >/dev/null 2>&1; then # one build at a time; whoever waited finds it done
    exec 9>.make/build.lock
    flock 9
    is_stale || exit 0
fi

sh scripts/find-jdk.sh --jdk >/dev/null || exit 1
if [ -f "$stamp" ]; then
    echo "Building what has changed ..." >&2
else
    echo "Building Kafscale, which takes a minute or two the first time ..." >&2
fi
started=.make/build.started
: >"$started" # what is edited while we build is newer than this
{
    sh scripts/mvn.sh -Dmaven.test.skip=true -pl app -am package 2>&1
    echo $? >.make/build.status
} | tee "$log" | awk '/^\[INFO\] Building kafscale-/ { printf "  %s\n", $3; fflush() }' >&2
if [ "$(cat .make/build.status)" -ne 0 ]; then
    grep -vE '^(\[INFO\]|WARNING)' "$log" | head -n 20 >&2
    echo "The build failed; all of its output is in $log." >&2
    exit 1
fi
touch -r "$started" "$stamp"
