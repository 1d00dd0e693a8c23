#!/bin/sh
# Finds Java 25 or later and prints its home directory. Shared by the launcher, the Makefile and the scripts.
#
#   scripts/find-jdk.sh           something that runs Java
#   scripts/find-jdk.sh --jdk     something that compiles it, too
#
# Looks at, in this order: KAFSCALE_JAVA (a home directory or a java binary; taken or refused, never skipped), a runtime bundled
# beside the launcher, JAVA_HOME, java on the PATH, and the places where systems and tools install JDKs.
set -u

least=25
need_compiler=no
[ "${1:-}" = --jdk ] && need_compiler=yes

# The feature version of the Java at home $1, from its release file, which is much faster than starting it.
version_of() {
    if [ -r "$1/release" ]; then
        sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9]*\).*/\1/p' "$1/release" | head -n 1
    else
        "$1/bin/java" -XshowSettings:properties -version 2>&1 |
            sed -n 's/^ *java\.specification\.version = \([0-9]*\).*/\1/p' | head -n 1
    fi
}

usable() {
    [ -x "$1/bin/java" ] || return 1
    [ "$need_compiler" = no ] || [ -x "$1/bin/javac" ] || return 1
    version=$(version_of "$1")
    [ -n "$version" ] && [ "$version" -ge "$least" ] 2>/dev/null
}

take_if_usable() {
    if usable "$1"; then
        printf '%s\n' "$1"
        exit 0
    fi
}

# The home directory of a java binary, through symbolic links.
home_of() {
    real=$(readlink -f "$1" 2>/dev/null || printf '%s' "$1")
    dirname "$(dirname "$real")"
}

if [ -n "${KAFSCALE_JAVA:-}" ]; then
    chosen=$KAFSCALE_JAVA
    [ -d "$chosen" ] || chosen=$(home_of "$chosen")
    take_if_usable "$chosen"
    echo "KAFSCALE_JAVA is $KAFSCALE_JAVA, which is no Java $least or later. Point it at one, or unset it." >&2
    exit 1
fi

root=$(CDPATH= cd "$(dirname "$0")/.." && pwd)
take_if_usable "$root/runtime/jre"
[ -z "${JAVA_HOME:-}" ] || take_if_usable "$JAVA_HOME"
on_path=$(command -v java 2>/dev/null) && take_if_usable "$(home_of "$on_path")"
for home in \
    /usr/lib/jvm/* /usr/java/* /opt/* /opt/*/* /usr/local/openjdk* /usr/local/lib/jvm/* \
    "${HOME:-/nonexistent}"/.sdkman/candidates/java/* "${HOME:-/nonexistent}"/.jdks/* \
    "${HOME:-/nonexistent}"/.local/share/mise/installs/java/* "${HOME:-/nonexistent}"/.asdf/installs/java/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home \
    "${HOME:-/nonexistent}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
    /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
    take_if_usable "$home"
done

what="Java $least or later"
[ "$need_compiler" = yes ] && what="a JDK $least or later (with javac)"
cat >&2 <<EOF
Kafscale needs $what, and none was found in JAVA_HOME (${JAVA_HOME:-not set}), on the PATH
(${on_path:-no java there}) or in the usual directories such as /usr/lib/jvm, /opt and ~/.sdkman.
Install one, for example from https://adoptium.net (Debian and Ubuntu: the package temurin-25-jdk from there),
or point KAFSCALE_JAVA at the one you have:  export KAFSCALE_JAVA=/path/to/jdk-25
EOF
exit 1
