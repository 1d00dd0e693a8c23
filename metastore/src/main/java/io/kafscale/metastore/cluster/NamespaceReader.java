package io.kafscale.metastore.cluster;

import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.cluster.StoredNamespace.Unreadable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Reads a whole namespace for tools that check or rebuild it. The image is read first and at one revision, so no
 * counter is older than what was given out by it. Thread-safe; futures complete on the loop of the access.
 */
public final class NamespaceReader {
    private static final String GENERATIONS = "topic-generation/";
    private static final String CLAIMS = "topic-name-claim/";

    private final MetadataAccess access;
    private final MetadataKeys keys;
    private final OnLoop onLoop;

    /** A reader of the access' namespace. */
    public NamespaceReader(MetadataAccess access) {
        this.access = access;
        this.keys = access.keys();
        this.onLoop = new OnLoop(access.loop());
    }

    /** The namespace as it is now; fails with {@link MetadataException} only if the store cannot be read. */
    public CompletableFuture<StoredNamespace> read() {
        var reading = new Reading();
        return onLoop.run(() -> range(keys.imagePrefix(), reading::image)
                .thenCompose(image -> get(keys.cluster(), reading::cluster)
                        .thenCompose(_ -> range(keys.prefix() + GENERATIONS, reading::generation))
                        .thenCompose(_ -> range(keys.prefix() + CLAIMS, reading::claim))
                        .thenCompose(_ -> get(keys.brokerEpochCounter(), reading::brokerEpochs))
                        .thenCompose(_ -> get(keys.producerIdCounter(), reading::producerIds))
                        .thenApply(_ -> reading.result(image.revision()))));
    }

    private CompletableFuture<Optional<KeyValue>> get(String key, Consumer<KeyValue> then) {
        return onLoop.hop(access.store().get(key)).thenApply(found -> {
            found.ifPresent(then);
            return found;
        });
    }

    private CompletableFuture<RangeResult> range(String prefix, Consumer<KeyValue> then) {
        return onLoop.hop(access.store().range(prefix)).thenApply(found -> {
            found.keys().forEach(then);
            return found;
        });
    }

    /** One call. */
    private final class Reading {
        private final List<Unreadable> unreadable = new ArrayList<>();
        private final TreeMap<String, Long> generations = new TreeMap<>();
        private final TreeMap<String, String> claims = new TreeMap<>();
        private final TreeMap<String, Versioned<TopicRecord>> topics = new TreeMap<>();
        private final Map<UUID, Versioned<TopicTombstone>> tombstones = new HashMap<>();
        private final Map<PartitionId, Versioned<PartitionRecord>> partitions = new HashMap<>();
        private final TreeMap<Integer, Versioned<BrokerRegistration>> brokers = new TreeMap<>();
        private final Map<BrokerIncarnation, Versioned<StreamRecord>> streams = new HashMap<>();
        private long forgottenEpoch;
        private Optional<Versioned<ClusterRecord>> cluster = Optional.empty();
        private OptionalLong brokerEpochs = OptionalLong.empty();
        private OptionalLong producerIds = OptionalLong.empty();

        void cluster(KeyValue stored) {
            decoded(stored, RecordJson::cluster)
                    .ifPresent(record -> cluster = Optional.of(new Versioned<>(record, stored.modRevision())));
        }

        void brokerEpochs(KeyValue stored) {
            decoded(stored, RecordJson::counter).ifPresent(last -> brokerEpochs = OptionalLong.of(last));
        }

        void producerIds(KeyValue stored) {
            decoded(stored, RecordJson::counter).ifPresent(last -> producerIds = OptionalLong.of(last));
        }

        void generation(KeyValue stored) {
            String name = stored.key().substring((keys.prefix() + GENERATIONS).length());
            decoded(stored, RecordJson::counter).ifPresent(last -> generations.put(name, last));
        }

        void claim(KeyValue stored) {
            String name = stored.key().substring((keys.prefix() + CLAIMS).length());
            decoded(stored, RecordJson::claim).ifPresent(holder -> claims.put(name, holder));
        }

        void image(KeyValue stored) {
            Optional<ImageKey> key = ImageKey.parse(keys, stored.key());
            if (key.isEmpty()) {
                unreadable.add(new Unreadable(stored.key(), "no record is kept under such a key"));
                return;
            }
            switch (key.get()) {
                case ImageKey.Topic(String name) -> keep(stored, topics, name, at -> RecordJson.topic(name, at));
                case ImageKey.DeletedTopic(UUID id) -> keep(stored, tombstones, id, at -> RecordJson.tombstone(id, at));
                case ImageKey.Partition(PartitionId id) ->
                    keep(stored, partitions, id, at -> RecordJson.partition(id, at));
                case ImageKey.Broker(int id) -> keep(stored, brokers, id, at -> RecordJson.broker(id, at));
                case ImageKey.Stream(BrokerIncarnation id) ->
                    keep(stored, streams, id, at -> RecordJson.stream(id, at));
                case ImageKey.ForgottenStreams _ ->
                    decoded(stored, RecordJson::counter).ifPresent(last -> forgottenEpoch = last);
                case ImageKey.Availability(int id) -> decoded(stored, at -> RecordJson.availability(id, at));
                case ImageKey.Pin _ -> decoded(stored, RecordJson::pin);
                case ImageKey.GroupConfig(String group) -> decoded(stored, at -> RecordJson.groupConfig(group, at));
                case ImageKey.Suspicions(int observer) -> decoded(stored, at -> RecordJson.suspicions(observer, at));
                case ImageKey.Coordinator _ -> decoded(stored, RecordJson::shardOwner);
            }
        }

        private <K, T> void keep(KeyValue stored, Map<K, Versioned<T>> records, K key, Function<KeyValue, T> decoder) {
            decoded(stored, decoder)
                    .ifPresent(record -> records.put(key, new Versioned<>(record, stored.modRevision())));
        }

        private <T> Optional<T> decoded(KeyValue stored, Function<KeyValue, T> decoder) {
            try {
                return Optional.of(decoder.apply(stored));
            } catch (MetadataException damaged) {
                unreadable.add(new Unreadable(stored.key(), String.valueOf(damaged.getMessage())));
                return Optional.empty();
            }
        }

        StoredNamespace result(long revision) {
            return new StoredNamespace(
                    revision,
                    cluster,
                    brokerEpochs,
                    producerIds,
                    generations,
                    claims,
                    topics,
                    tombstones,
                    partitions,
                    brokers,
                    streams,
                    forgottenEpoch,
                    partitions.values().stream()
                            .flatMap(record -> record.value().tenures().stream())
                            .map(Tenure::stream)
                            .collect(Collectors.toUnmodifiableSet()),
                    List.copyOf(unreadable));
        }
    }
}
