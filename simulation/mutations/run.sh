#!/bin/sh
# Breaks the log on purpose, one rule at a time, and looks whether the simulation notices. A mutation is a patch file beside this
# script; its first lines say what it does ("Mutation:") and which rule that breaks ("Rule:"). Where the simulation cannot notice it,
# since what it takes does not happen there, they say what that is ("Needs:"). Sources and classes of the project stay as they are:
# what a patch changes is copied to .make/mutations, compiled there, and put before everything else.
#
#   simulation/mutations/run.sh               all of them, and the same seeds without any
#   simulation/mutations/run.sh NAME...       some of them, without the .patch
#
#   SEEDS=2000    how many seeds, from 1 on, a mutation may need until it is noticed
#
# Fails if a mutation survives that does not need what there is not, if one that does is noticed nevertheless, if a patch does not
# apply or compile, or if a seed fails without any mutation.
set -u
root=$(CDPATH= cd "$(dirname "$0")/../.." && pwd)
cd "$root" || exit 1
seeds=${SEEDS:-2000}
work=$root/.make/mutations

sh scripts/sim.sh --build || exit 1
java_home=$(sh scripts/find-jdk.sh --jdk) || exit 1
class_path=simulation/target/classes:$(cat simulation/target/class-path)
mkdir -p "$work"

# Runs the simulation with classes $1 before all others from seed $2 on, with the options that follow; output to $work/out.
simulate() {
    classes=$1
    first=$2
    shift 2
    "$java_home/bin/java" -XX:+UseParallelGC -Xmx2g -cp "$classes:$class_path" io.kafscale.simulation.SimulationMain \
        --seed "$first" --count $((seeds - first + 1)) --lines 0 --traces "$work/traces" "$@" >"$work/out" 2>"$work/err"
}

# Whether the last simulation came to its end: one that could not run has noticed nothing either, and says nothing.
ended() {
    tail -n 1 "$work/out" | grep -q "^[0-9]* histories ("
}

# The seeds that failed, each with the rule it broke.
failures() {
    awk '/^Seed .* breaks a rule/ { seed = $2; getline; sub(":", "", $1); print seed, $1 }' "$work/out"
}

# Copies what patch $1 changes to $2, changes and compiles it there.
build() {
    rm -rf "$2"
    mkdir -p "$2/src" "$2/classes"
    files=$(sed -n 's,^--- a/,,p' "$1")
    for file in $files; do
        mkdir -p "$2/src/$(dirname "$file")"
        cp "$file" "$2/src/$file" || return 1
    done
    # Outside of the repository as far as git is concerned, or it would skip these files as none of its own.
    (cd "$2/src" && GIT_CEILING_DIRECTORIES=$work git apply -C1 "$root/$1") || return 1
    find "$2/src" -name '*.java' >"$2/sources"
    "$java_home/bin/javac" -nowarn -proc:none -parameters -d "$2/classes" -cp "$class_path" "@$2/sources" 2>"$2/javac" || {
        cat "$2/javac" >&2
        return 1
    }
    : >"$2/built"
}

row() {
    printf '%-34s %7s  %-30s %s\n' "$1" "$2" "$3" "$4"
}

# Runs mutation $1 and prints its row.
try() {
    patch=simulation/mutations/$1.patch
    rule=$(sed -n 's/^Rule: //p' "$patch")
    needs=$(sed -n 's/^Needs: //p' "$patch")
    if [ ! -e "$work/$1/built" ]; then
        row "$1" - "DOES NOT APPLY OR COMPILE" "$rule"
        return 1
    fi
    from=1
    while [ "$from" -le "$seeds" ]; do
        simulate "$work/$1/classes" "$from"
        found=$(failures | head -n 1)
        if [ -z "$found" ]; then
            ended && break
            cat "$work/err" >&2
            row "$1" - "DOES NOT RUN" "$rule"
            return 1
        fi
        seed=${found%% *}
        if ! grep -q "^$seed " "$work/control"; then
            row "$1" "$seed" "${found#* }" "$rule"
            [ -z "$needs" ] && return 0
            echo "$1 says that it needs $needs, and was noticed without." >&2
            return 1
        fi
        from=$((seed + 1)) # that seed proves nothing: it fails without the mutation, too
    done
    if [ -n "$needs" ]; then
        row "$1" "> $seeds" "not shown" "$rule"
        printf '%s: %s\n' "$1" "$needs" >>"$work/not-shown"
        return 0
    fi
    row "$1" "> $seeds" "SURVIVES" "$rule"
    return 1
}

chosen=$*
if [ -z "$chosen" ]; then
    chosen=$(for patch in simulation/mutations/*.patch; do basename "$patch" .patch; done)
fi
status=0
for mutation in $chosen; do # all of them before the first is tried, so that what is out of date shows at once
    build "simulation/mutations/$mutation.patch" "$work/$mutation" || echo "$mutation does not apply or compile." >&2
done
echo "Without a mutation: $seeds seeds ..." >&2
simulate "$work/none" 1 --keep-going
failures >"$work/control"
if [ -s "$work/control" ] || ! ended; then
    echo "Without any mutation some seeds fail, which count for nothing below, or none ran:" >&2
    cat "$work/control" "$work/err" >&2
    status=1
fi
: >"$work/not-shown"
row mutation seeds "noticed by" rule
for mutation in $chosen; do
    try "$mutation" || status=1
done
if [ -s "$work/control" ]; then
    row "(none)" "$seeds" "$(wc -l <"$work/control") FAIL" ""
else
    row "(none)" "$seeds" "-" "all seeds keep all rules"
fi
if [ -s "$work/not-shown" ]; then
    echo
    echo "Not shown, for what these need does not happen in the simulation:"
    cat "$work/not-shown"
fi
exit $status
