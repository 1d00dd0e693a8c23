#!/bin/sh
# Maven on the JDK that the launcher would find, whatever JAVA_HOME says. Options are Maven's.
set -u
directory=$(dirname "$0")
JAVA_HOME=$(sh "$directory/find-jdk.sh" --jdk) || exit 1
export JAVA_HOME
if ! command -v mvn >/dev/null 2>&1; then
    echo "Building Kafscale needs Apache Maven 3.8.6 or later, and there is no mvn on the PATH." >&2
    echo "Install it (Debian and Ubuntu: apt-get install maven) and try again." >&2
    exit 1
fi
exec mvn -B -Dstyle.color=never "$@"
