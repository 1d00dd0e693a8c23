package io.kafscale.app.settings;

import io.kafscale.broker.request.BrokerSettings;
import io.kafscale.log.LogSettings;
import io.kafscale.metastore.etcd.EtcdSettings;
import io.kafscale.objectstore.s3.ChecksumMode;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.common.protocol.Errors;

/**
 * Everything a user says about one broker, typed, complete and consistent. Immutable. Read with {@link SettingsReader}; each record
 * below is what one part of the program is started with.
 *
 * @param node who the broker is
 * @param network where it listens, and its bounds on connections and requests
 * @param storage the object store
 * @param metadata the metadata store
 * @param log WAL, segments and caches
 * @param requests how requests are answered
 * @param topics defaults of topics
 * @param groups consumer groups
 */
public record KafscaleSettings(
        Node node,
        Network network,
        Storage storage,
        Metadata metadata,
        LogSettings log,
        Requests requests,
        Topics topics,
        Groups groups) {

    /**
     * Who the broker is.
     *
     * @param id unique among the brokers of a cluster
     * @param namespace first element of every object key
     * @param shutdownTimeout how long a stop in good order may take
     */
    public record Node(int id, Optional<String> rack, String namespace, Duration shutdownTimeout) {}

    /**
     * Where the broker listens, and its bounds on connections and requests.
     *
     * @param listen the address it binds
     * @param advertised the address clients are told; empty for the bound one
     * @param threads network threads
     * @param maxRequestBytes the largest request
     * @param queuedRequestBytes bytes of all requests in memory
     * @param maxConnections connections at one time
     * @param maxIdle an idle connection is closed after this
     */
    public record Network(
            HostPort listen,
            Optional<HostPort> advertised,
            int threads,
            int maxRequestBytes,
            long queuedRequestBytes,
            int maxConnections,
            Duration maxIdle) {}

    /** The object store: where, and how to reach it if it is S3. */
    public record Storage(StorageUri uri, S3 s3) {}

    /**
     * How to reach an S3 service.
     *
     * @param endpoint URL; empty for Amazon's own
     * @param region region; empty for what the AWS SDK finds
     * @param pathStyle address buckets by path instead of host name
     * @param checksums when the SDK adds checksums of its own
     */
    public record S3(Optional<URI> endpoint, Optional<String> region, boolean pathStyle, ChecksumMode checksums) {}

    /** The metadata store: where, and how to get in if it is etcd. */
    public record Metadata(MetadataUri uri, Etcd etcd) {}

    /**
     * How to get into an etcd.
     *
     * @param credentials user and password; empty for none
     * @param tls files for TLS, if the address asks for it
     */
    public record Etcd(Optional<EtcdSettings.Credentials> credentials, EtcdSettings.Tls tls) {}

    /**
     * How requests are answered.
     *
     * @param maxFetchBytes the most bytes of records in one answer to a consumer
     * @param validation how closely produced records are looked at
     * @param unavailableFetchError what a fetch gets that needs an object store which does not answer
     */
    public record Requests(int maxFetchBytes, BrokerSettings.Validation validation, Errors unavailableFetchError) {}

    /**
     * Defaults of topics.
     *
     * @param autoCreate create topics that clients ask for
     * @param partitions partitions of a topic created without a number
     */
    public record Topics(boolean autoCreate, int partitions) {}

    /**
     * Consumer groups.
     *
     * @param initialRebalanceDelay wait of an empty classic group's first rebalance
     * @param minSessionTimeout shortest session timeout of a classic member
     * @param maxSessionTimeout longest session timeout of a classic member
     * @param offsetsRetention offsets of an empty group are kept this long
     */
    public record Groups(
            Duration initialRebalanceDelay,
            Duration minSessionTimeout,
            Duration maxSessionTimeout,
            Duration offsetsRetention) {}

    static KafscaleSettings from(EffectiveSettings values) {
        ConsistencyCheck.check(values);
        return new KafscaleSettings(
                new Node(
                        values.get(SettingKeys.NODE_ID),
                        values.get(SettingKeys.BROKER_RACK),
                        values.get(SettingKeys.NAMESPACE),
                        values.get(SettingKeys.SHUTDOWN_TIMEOUT)),
                network(values),
                storage(values),
                metadata(values),
                log(values),
                new Requests(
                        intBytes(values, SettingKeys.FETCH_MAX_BYTES),
                        values.get(SettingKeys.PRODUCE_VALIDATION),
                        values.get(SettingKeys.UNAVAILABLE_FETCH_ERROR)),
                new Topics(values.get(SettingKeys.AUTO_CREATE_TOPICS), values.get(SettingKeys.NUM_PARTITIONS)),
                new Groups(
                        values.get(SettingKeys.GROUP_INITIAL_REBALANCE_DELAY),
                        values.get(SettingKeys.GROUP_MIN_SESSION_TIMEOUT),
                        values.get(SettingKeys.GROUP_MAX_SESSION_TIMEOUT),
                        values.get(SettingKeys.OFFSETS_RETENTION)));
    }

    private static Network network(EffectiveSettings values) {
        return new Network(
                values.get(SettingKeys.LISTEN),
                values.get(SettingKeys.ADVERTISED),
                values.get(SettingKeys.NETWORK_THREADS),
                intBytes(values, SettingKeys.SOCKET_REQUEST_MAX_BYTES),
                values.get(SettingKeys.QUEUED_REQUEST_BYTES).bytes(),
                values.get(SettingKeys.MAX_CONNECTIONS),
                values.get(SettingKeys.CONNECTIONS_MAX_IDLE));
    }

    /** Only what is needed to reach the object store, for commands that look at objects without a broker. */
    public static Storage storage(EffectiveSettings values) {
        return new Storage(
                values.get(SettingKeys.STORAGE_URI),
                new S3(
                        values.get(SettingKeys.S3_ENDPOINT),
                        values.get(SettingKeys.S3_REGION),
                        values.get(SettingKeys.S3_PATH_STYLE),
                        values.get(SettingKeys.S3_CHECKSUMS)));
    }

    private static Metadata metadata(EffectiveSettings values) {
        var identity = values.get(SettingKeys.ETCD_TLS_CERTIFICATE)
                .flatMap(certificate ->
                        values.get(SettingKeys.ETCD_TLS_KEY).map(key -> new EtcdSettings.Identity(certificate, key)));
        var credentials = values.get(SettingKeys.ETCD_USERNAME)
                .flatMap(user -> values.get(SettingKeys.ETCD_PASSWORD)
                        .map(password -> new EtcdSettings.Credentials(user, password)));
        return new Metadata(
                values.get(SettingKeys.METADATA_URI),
                new Etcd(credentials, new EtcdSettings.Tls(values.get(SettingKeys.ETCD_TLS_CA), identity)));
    }

    private static LogSettings log(EffectiveSettings values) {
        var defaults = LogSettings.defaults();
        return new LogSettings(
                values.get(SettingKeys.WAL_FLUSH_RATE).perSecond(values.get(SettingKeys.STORAGE_URI)),
                intBytes(values, SettingKeys.WAL_FLUSH_BYTES),
                values.get(SettingKeys.WAL_BUFFER_BYTES).bytes(),
                values.get(SettingKeys.TAIL_CACHE_BYTES).bytes(),
                values.get(SettingKeys.CACHE_BYTES).bytes(),
                intBytes(values, SettingKeys.SEGMENT_BYTES),
                values.get(SettingKeys.SEGMENT_MS),
                defaults.collectGrace(),
                defaults.retentionCheckInterval());
    }

    private static int intBytes(EffectiveSettings values, Setting<ByteSize> setting) {
        return Math.toIntExact(values.get(setting).bytes());
    }
}
