package io.kafscale.app.settings;

import static io.kafscale.app.settings.ValueType.address;
import static io.kafscale.app.settings.ValueType.bool;
import static io.kafscale.app.settings.ValueType.choice;
import static io.kafscale.app.settings.ValueType.duration;
import static io.kafscale.app.settings.ValueType.endpoint;
import static io.kafscale.app.settings.ValueType.file;
import static io.kafscale.app.settings.ValueType.integer;
import static io.kafscale.app.settings.ValueType.metadata;
import static io.kafscale.app.settings.ValueType.name;
import static io.kafscale.app.settings.ValueType.optional;
import static io.kafscale.app.settings.ValueType.rate;
import static io.kafscale.app.settings.ValueType.secretText;
import static io.kafscale.app.settings.ValueType.size;
import static io.kafscale.app.settings.ValueType.storage;
import static io.kafscale.app.settings.ValueType.text;

import io.kafscale.app.settings.Setting.Section;
import io.kafscale.broker.request.BrokerSettings;
import io.kafscale.objectstore.s3.ChecksumMode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;

/** The table of every key there is. Parsing, suggestions, {@code kafscale config} and the reference page all read this table. */
public final class SettingKeys {
    private static final List<Setting<?>> TABLE = new ArrayList<>();

    private static final ByteSize KIB = new ByteSize(1024);
    private static final ByteSize MIB = ByteSize.mebibytes(1);
    private static final ByteSize GIB = ByteSize.mebibytes(1024);
    private static final ByteSize MAX_INT_BYTES = ByteSize.mebibytes(2047);
    private static final Duration NONE = Duration.ZERO;
    private static final Duration MS = Duration.ofMillis(1);
    private static final Duration YEARS = Duration.ofDays(36_500);

    static final Setting<Integer> NODE_ID = add(
            "node.id",
            Section.BROKER,
            integer(0, Integer.MAX_VALUE),
            "1",
            "The broker's id, as clients see it. A broker keeps its id over restarts.",
            "1");
    static final Setting<Optional<String>> BROKER_RACK = add(
            "broker.rack",
            Section.BROKER,
            optional(name()),
            "",
            "The failure domain the broker is in, such as an availability zone, as clients see it.",
            "eu-central-1a");
    static final Setting<String> NAMESPACE = add(
            "namespace",
            Section.BROKER,
            name(),
            "default",
            "First element of every object key. Clusters that share a bucket have different namespaces.",
            "prod");

    static final Setting<Duration> SHUTDOWN_TIMEOUT = add(
            "shutdown.timeout",
            Section.BROKER,
            duration(Duration.ofSeconds(1), Duration.ofDays(1)),
            "30s",
            "How long the broker may take to stop when it is asked to: to hand over what it leads, and to seal its log. When"
                    + " the time is over, or when it is asked again, it ends at once, as safe as a crash.",
            "2m");

    static final Setting<HostPort> LISTEN = add(
            "listen",
            Section.NETWORK,
            address(),
            "127.0.0.1:9092",
            "Where the broker listens for Kafka clients. Port 0 takes any free port.",
            "0.0.0.0:9092");
    static final Setting<Optional<HostPort>> ADVERTISED = add(
            "advertised",
            Section.NETWORK,
            optional(address()),
            "",
            "The address that clients are told to connect to. Not set: the address of `listen`. It must be set where `listen`"
                    + " is 0.0.0.0 or [::].",
            "broker-1.example:9092");
    static final Setting<Optional<HostPort>> METRICS_LISTEN = add(
            "metrics.listen",
            Section.NETWORK,
            optional(address()),
            "",
            "Reserved for the metrics endpoint, which this version does not have: setting it is refused.",
            "127.0.0.1:9095");
    static final Setting<Optional<HostPort>> CONTROL_LISTEN = add(
            "control.listen",
            Section.NETWORK,
            optional(address()),
            "",
            "Reserved for the control endpoint, which this version does not have: setting it is refused.",
            "127.0.0.1:9096");
    static final Setting<Integer> NETWORK_THREADS = add(
            "network.threads",
            Section.NETWORK,
            integer(1, 256),
            "3",
            "Threads that read, validate and answer requests; each serves a share of the connections.",
            "8");
    static final Setting<ByteSize> SOCKET_REQUEST_MAX_BYTES = add(
            "socket.request.max.bytes",
            Section.NETWORK,
            size(KIB, MAX_INT_BYTES),
            "100MiB",
            "The largest request. A connection that announces a larger one is closed.",
            "32MiB");
    static final Setting<ByteSize> QUEUED_REQUEST_BYTES = add(
            "queued.request.bytes",
            Section.NETWORK,
            size(MIB, ByteSize.mebibytes(1L << 20)),
            "128MiB",
            "Bytes of all requests in memory. When they are used up, the broker stops reading from its connections until some"
                    + " are answered. At least `socket.request.max.bytes`.",
            "256MiB");
    static final Setting<Integer> MAX_CONNECTIONS = add(
            "max.connections",
            Section.NETWORK,
            integer(1, 1_000_000),
            "10000",
            "Connections at one time. One more is closed at once.",
            "2000");
    static final Setting<Duration> CONNECTIONS_MAX_IDLE = add(
            "connections.max.idle.ms",
            Section.NETWORK,
            duration(Duration.ofSeconds(1), YEARS),
            "10m",
            "A connection without traffic for longer than this is closed.",
            "5m");

    static final Setting<ByteSize> FETCH_MAX_BYTES = add(
            "fetch.max.bytes",
            Section.NETWORK,
            size(KIB, MAX_INT_BYTES),
            "55MiB",
            "The most bytes of records in one answer to a consumer, whatever it asks for.",
            "16MiB");
    static final Setting<BrokerSettings.Validation> PRODUCE_VALIDATION = add(
            "produce.validation",
            Section.NETWORK,
            choice(List.of(BrokerSettings.Validation.values())),
            "full",
            "How closely produced records are looked at: `full`, every record as Apache Kafka does, or `header`, batch header and"
                    + " checksum only, which saves CPU where all producers are trusted.",
            "header");

    static final Setting<StorageUri> STORAGE_URI = add(
            "storage.uri",
            Section.STORAGE,
            storage(),
            "file:./data/objects",
            "Where records are stored: `file:///dir` or `file:./dir`, `s3://bucket/prefix`, or `memory:` (lost at exit, for"
                    + " tests).",
            "s3://my-bucket/kafscale");
    static final Setting<Optional<URI>> S3_ENDPOINT = add(
            "storage.s3.endpoint",
            Section.STORAGE,
            optional(endpoint()),
            "",
            "URL of an S3-compatible service. Not set: Amazon's own endpoint of the region.",
            "http://127.0.0.1:9000");
    static final Setting<Optional<String>> S3_REGION = add(
            "storage.s3.region",
            Section.STORAGE,
            optional(name()),
            "",
            "Region of the bucket. Not set: as the AWS SDK finds it (`AWS_REGION`, profile, instance).",
            "eu-central-1");
    static final Setting<Boolean> S3_PATH_STYLE = add(
            "storage.s3.path-style",
            Section.STORAGE,
            bool(),
            "false",
            "Address buckets as `endpoint/bucket` instead of `bucket.endpoint`. Most S3-compatible services want `true`.",
            "true");

    static final Setting<ChecksumMode> S3_CHECKSUMS = add(
            "storage.s3.checksums",
            Section.STORAGE,
            choice(List.of(ChecksumMode.values())),
            "automatic",
            "When the AWS SDK adds checksums of its own to requests: `when-supported`, `when-required`, or `automatic`:"
                    + " `when-required` where an endpoint is set, since some compatible services refuse the others.",
            "when-required");
    static final Setting<Errors> UNAVAILABLE_FETCH_ERROR = add(
            "storage.unavailable.fetch.error",
            Section.STORAGE,
            choice(List.of(Errors.UNKNOWN_SERVER_ERROR, Errors.KAFKA_STORAGE_ERROR)),
            "unknown-server-error",
            "What a consumer is told whose records cannot be read while the object store does not answer:"
                    + " `unknown-server-error`, which clients retry, or `kafka-storage-error`, on which some stop for good.",
            "kafka-storage-error");

    static final Setting<MetadataUri> METADATA_URI = add(
            "metadata.uri",
            Section.METADATA,
            metadata(),
            "file:./data/metadata",
            "Where metadata is stored: `file:///dir` or `file:./dir`; `etcd://host:port,host:port`, or `etcds://…` for an etcd that"
                    + " speaks TLS; or `memory:` (lost at exit, for tests).",
            "etcd://10.0.0.1:2379,10.0.0.2:2379,10.0.0.3:2379");
    static final Setting<Optional<String>> ETCD_USERNAME = add(
            "metadata.etcd.username",
            Section.METADATA,
            optional(text()),
            "",
            "The user to be in etcd. Not set: none, for an etcd without authentication or one that knows clients by their"
                    + " certificates.",
            "kafscale");
    static final Setting<Optional<String>> ETCD_PASSWORD = add(
            "metadata.etcd.password",
            Section.METADATA,
            optional(secretText()),
            "",
            "The password of that user. Say it in the environment or in a file that only the broker may read: a command line is"
                    + " seen by everybody on the machine. `kafscale config` does not show it.",
            "secret");
    static final Setting<Optional<Path>> ETCD_TLS_CA = add(
            "metadata.etcd.tls.ca",
            Section.METADATA,
            optional(file()),
            "",
            "With `etcds://`: PEM file of the authorities that issue etcd's certificates. Not set: those that the JDK trusts.",
            "/etc/kafscale/etcd-ca.pem");
    static final Setting<Optional<Path>> ETCD_TLS_CERTIFICATE = add(
            "metadata.etcd.tls.certificate",
            Section.METADATA,
            optional(file()),
            "",
            "With `etcds://`: PEM file of the broker's own certificate (and its chain), where etcd asks for one.",
            "/etc/kafscale/etcd-client.pem");
    static final Setting<Optional<Path>> ETCD_TLS_KEY = add(
            "metadata.etcd.tls.key",
            Section.METADATA,
            optional(file()),
            "",
            "PEM file of that certificate's private key, PKCS#8 without a password.",
            "/etc/kafscale/etcd-client-key.pem");

    /** What only TLS to etcd makes use of. */
    static final List<Setting<? extends Optional<?>>> OF_ETCD_TLS =
            List.of(ETCD_TLS_CA, ETCD_TLS_CERTIFICATE, ETCD_TLS_KEY);

    /** What only etcd makes use of. */
    static final List<Setting<? extends Optional<?>>> OF_ETCD =
            List.of(ETCD_USERNAME, ETCD_PASSWORD, ETCD_TLS_CA, ETCD_TLS_CERTIFICATE, ETCD_TLS_KEY);

    static final Setting<FlushRate> WAL_FLUSH_RATE = add(
            "wal.flush.rate",
            Section.WAL,
            rate(),
            "auto",
            "WAL PUTs per second that you pay for, under dense traffic; sparse traffic is written at once. A number,"
                    + " `unlimited`, or `auto`: 4 on S3, unlimited elsewhere. One PUT per second is about $13 a month on S3"
                    + " Standard.",
            "2");
    static final Setting<ByteSize> WAL_FLUSH_BYTES = add(
            "wal.flush.bytes",
            Section.WAL,
            size(KIB, GIB),
            "8MiB",
            "A WAL object of this size is written whatever the rate says.",
            "16MiB");
    static final Setting<ByteSize> WAL_BUFFER_BYTES = add(
            "wal.buffer.bytes",
            Section.WAL,
            size(KIB, ByteSize.mebibytes(1L << 20)),
            "128MiB",
            "Bytes on their way to the object store. When they are used up, producers wait. At least `wal.flush.bytes`.",
            "256MiB");

    static final Setting<ByteSize> SEGMENT_BYTES = add(
            "segment.bytes",
            Section.SEGMENTS,
            size(KIB, MAX_INT_BYTES),
            "64MiB",
            "Records of a partition become a segment when this much waits. Default of the topic config of the same name.",
            "256MiB");
    static final Setting<Duration> SEGMENT_MS = add(
            "segment.ms",
            Section.SEGMENTS,
            duration(MS, YEARS),
            "1h",
            "Records of a partition become a segment when the oldest has waited this long. Default of the topic config of the"
                    + " same name.",
            "10m");
    static final Setting<ByteSize> CACHE_BYTES = add(
            "cache.bytes",
            Section.SEGMENTS,
            size(MIB, ByteSize.mebibytes(1L << 20)),
            "64MiB",
            "Memory for blocks of segments and WAL objects that consumers read.",
            "1GiB");
    static final Setting<ByteSize> TAIL_CACHE_BYTES = add(
            "tail.cache.bytes",
            Section.SEGMENTS,
            size(MIB, ByteSize.mebibytes(1L << 20)),
            "64MiB",
            "Memory for the newest records, from which consumers at the end of the log are served without a GET.",
            "256MiB");

    static final Setting<Boolean> AUTO_CREATE_TOPICS = add(
            "auto.create.topics",
            Section.TOPICS,
            bool(),
            "true",
            "Create a topic when a client that allows it asks for one that does not exist, as Apache Kafka does.",
            "false");
    static final Setting<Integer> NUM_PARTITIONS = add(
            "num.partitions",
            Section.TOPICS,
            integer(1, 10_000),
            "1",
            "Partitions of a topic that is created without a number of its own.",
            "6");
    static final Setting<Duration> GROUP_INITIAL_REBALANCE_DELAY = add(
            "group.initial.rebalance.delay.ms",
            Section.GROUPS,
            duration(NONE, Duration.ofMinutes(10)),
            "3s",
            "How long the first rebalance of an empty classic group waits for more members.",
            "0");
    static final Setting<Duration> GROUP_MIN_SESSION_TIMEOUT = add(
            "group.min.session.timeout.ms",
            Section.GROUPS,
            duration(MS, Duration.ofDays(1)),
            "6s",
            "The shortest session timeout that a classic group's member may ask for.",
            "1s");
    static final Setting<Duration> GROUP_MAX_SESSION_TIMEOUT = add(
            "group.max.session.timeout.ms",
            Section.GROUPS,
            duration(MS, Duration.ofDays(1)),
            "30m",
            "The longest session timeout that a classic group's member may ask for.",
            "1h");
    static final Setting<Duration> OFFSETS_RETENTION = add(
            "offsets.retention.ms",
            Section.GROUPS,
            duration(Duration.ofMinutes(1), YEARS),
            "7d",
            "Committed offsets of a group without members are forgotten after this time, counted in whole minutes.",
            "30d");

    private SettingKeys() {}

    /** Every key, in the order of the documentation. */
    public static List<Setting<?>> all() {
        return List.copyOf(TABLE);
    }

    /** The key of this name. */
    public static Optional<Setting<?>> named(String key) {
        return all().stream().filter(setting -> setting.key().equals(key)).findFirst();
    }

    private static <T> Setting<T> add(
            String key, Section section, ValueType<T> type, String defaultText, String doc, String example) {
        var setting = new Setting<>(key, section, type, defaultText, doc, example);
        TABLE.add(setting);
        return setting;
    }
}
