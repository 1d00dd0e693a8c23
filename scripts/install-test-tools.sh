#!/bin/sh
# Installs what the tests need besides a JDK and Maven: etcd, kcat, two Python clients, Node.js with KafkaJS. Installs what is
# absent and nothing else, so it can be run again and again. System packages need root on Debian or Ubuntu; elsewhere it says what
# to install. KafkaJS goes into .make/node.
set -u
cd "$(dirname "$0")/.." || exit 1

kafkajs_version=2.2.4
missing=
need() { # package, then a command that succeeds if it is there
    package=$1
    shift
    "$@" >/dev/null 2>&1 || missing="$missing $package"
}
# The interpreter the Debian packages belong to; another python3 may come first on the PATH.
python=/usr/bin/python3
[ -x "$python" ] || python=python3

need etcd-server sh -c 'command -v etcd'
need kcat sh -c 'command -v kcat || command -v kafkacat'
need python3-kafka "$python" -c 'import kafka'
need python3-confluent-kafka "$python" -c 'import confluent_kafka'
need nodejs sh -c 'command -v node'
need npm sh -c 'command -v npm'

if [ -n "$missing" ]; then
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "The tests need these Debian packages, and there is no apt-get here:$missing" >&2
        echo "Install what they contain (etcd, kcat, kafka-python, confluent-kafka, node, npm) and try again." >&2
        exit 1
    fi
    if [ "$(id -u)" -ne 0 ]; then
        echo "The tests need these packages:$missing. Install them, and try again:" >&2
        echo "  sudo apt-get install --no-install-recommends$missing" >&2
        exit 1
    fi
    echo "Installing$missing" >&2
    # etcd is started by the tests themselves: no service of the package shall run.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    # missing is a list of words.
    # shellcheck disable=SC2086
    if ! { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing; } >&2
    then
        echo "apt-get could not install$missing." >&2
        exit 1
    fi
fi

if [ ! -d .make/node/node_modules/kafkajs ]; then
    echo "Installing kafkajs $kafkajs_version into .make/node" >&2
    mkdir -p .make/node
    if ! npm install --prefix .make/node --no-audit --no-fund --silent "kafkajs@$kafkajs_version" >&2; then
        echo "npm could not install kafkajs $kafkajs_version." >&2
        exit 1
    fi
fi
