package io.kafscale.log.check;

import io.kafscale.log.check.Finding.Kind;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistration;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.StoredNamespace;
import io.kafscale.metastore.cluster.StreamRecord;
import io.kafscale.metastore.cluster.Tenure;
import io.kafscale.metastore.cluster.TopicNames;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.TopicTombstone;
import io.kafscale.metastore.cluster.Versioned;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/** What the records of the metadata store say of each other. Pure: the same records give the same findings. */
final class MetadataCheck {
    private final StoredNamespace stored;
    private final MetadataKeys keys;
    private final List<Finding> findings = new ArrayList<>();

    private MetadataCheck(StoredNamespace stored, MetadataKeys keys) {
        this.stored = stored;
        this.keys = keys;
    }

    /**
     * What is wrong.
     *
     * @param nowMs wall clock
     * @param patience how old a tombstone may become before it is strange
     */
    static List<Finding> of(StoredNamespace stored, MetadataKeys keys, long nowMs, Duration patience) {
        var check = new MetadataCheck(stored, keys);
        check.unreadable();
        check.topics();
        check.claims();
        check.partitions();
        check.tombstones(nowMs - patience.toMillis());
        check.brokers();
        check.epochs();
        return check.findings;
    }

    private void unreadable() {
        stored.unreadable()
                .forEach(value -> findings.add(
                        Finding.damage(Kind.METADATA_UNREADABLE, value.why()).at(value.key())));
    }

    private void inconsistent(String key, String what) {
        findings.add(Finding.damage(Kind.METADATA_INCONSISTENT, what).at(key));
    }

    private void topics() {
        Map<UUID, String> ids = new HashMap<>();
        Map<String, String> directories = new HashMap<>();
        for (Versioned<TopicRecord> versioned : stored.topics().values()) {
            TopicRecord topic = versioned.value();
            String key = keys.topic(topic.name());
            String sameId = ids.put(topic.id(), topic.name());
            String sameDirectory = directories.put(topic.directory(), topic.name());
            if (sameId != null || sameDirectory != null) {
                inconsistent(key, "topic '" + topic.name() + "' has the id or the directory of another topic");
            }
            if (!topic.directory().equals(TopicRecord.directoryOf(topic.name(), topic.generationNumber()))) {
                inconsistent(key, "topic '" + topic.name() + "' is in the directory " + topic.directory());
            }
            if (stored.tombstones().containsKey(topic.id())) {
                inconsistent(key, "topic '" + topic.name() + "' exists and has a tombstone: its objects are deleted");
            }
            if (topic.generationNumber() > stored.generation(topic.name())) {
                findings.add(Finding.damage(
                                Kind.COUNTER_BEHIND,
                                "topic '" + topic.name() + "' is number " + topic.generationNumber()
                                        + " of its name, the counter is at " + stored.generation(topic.name()))
                        .at(keys.topicGeneration(topic.name())));
            }
        }
    }

    private void claims() {
        for (String name : stored.topics().keySet()) {
            if (TopicNames.canCollide(name) && !name.equals(stored.claims().get(TopicNames.collapsed(name)))) {
                findings.add(Finding.warning(
                                Kind.METADATA_INCONSISTENT, "topic '" + name + "' does not hold the claim to its name")
                        .at(keys.topicNameClaim(TopicNames.collapsed(name)))
                        .so("A topic whose name collides with it may be created.", "kafscale recover"));
            }
        }
        stored.claims().forEach((collapsed, holder) -> {
            if (!stored.topics().containsKey(holder)) {
                findings.add(Finding.warning(
                                Kind.METADATA_INCONSISTENT,
                                "the name is claimed for '" + holder + "', which does not exist")
                        .at(keys.topicNameClaim(collapsed))
                        .so("No topic of such a name can be created.", "kafscale recover"));
            }
        });
    }

    private void partitions() {
        Map<UUID, TopicRecord> byId = new HashMap<>();
        stored.topics().values().forEach(topic -> byId.put(topic.value().id(), topic.value()));
        stored.partitions().forEach((id, versioned) -> {
            TopicRecord topic = byId.get(id.topicId());
            if (topic == null && !stored.tombstones().containsKey(id.topicId())) {
                inconsistent(keys.partition(id), "a partition record of a topic that is neither there nor deleted");
            } else if (topic != null && id.partition() >= topic.partitions()) {
                inconsistent(
                        keys.partition(id),
                        "topic '" + topic.name() + "' has " + topic.partitions() + " partitions, and a record of "
                                + id.partition());
            }
            tenures(id, versioned.value());
        });
    }

    private void tenures(PartitionId id, PartitionRecord record) {
        for (Tenure tenure : record.tenures()) {
            Versioned<StreamRecord> stream = stored.streams().get(tenure.stream());
            if (stream == null) {
                inconsistent(keys.partition(id), "it names the stream " + tenure.stream() + ", which has no record");
            } else if (stream.value().state() == StreamRecord.State.COLLECTED) {
                inconsistent(
                        keys.partition(id), "it names the stream " + tenure.stream() + ", whose objects were deleted");
            }
        }
    }

    private void tombstones(long olderThanMs) {
        Set<UUID> withPartitions = new HashSet<>();
        stored.partitions().keySet().forEach(id -> withPartitions.add(id.topicId()));
        for (Versioned<TopicTombstone> versioned : stored.tombstones().values()) {
            TopicTombstone tombstone = versioned.value();
            if (!withPartitions.contains(tombstone.id()) && tombstone.deletedMs() < olderThanMs) {
                findings.add(Finding.warning(
                                Kind.METADATA_INCONSISTENT,
                                "a tombstone of topic '" + tombstone.name() + "', of which no partition is left")
                        .at(keys.deletedTopic(tombstone.id()))
                        .so("Nothing.", "A broker removes it a grace after its start."));
            }
        }
    }

    private void brokers() {
        for (Versioned<BrokerRegistration> versioned : stored.brokers().values()) {
            BrokerIncarnation incarnation = versioned.value().incarnation();
            if (!stored.streams().containsKey(incarnation)) {
                inconsistent(
                        keys.broker(incarnation.brokerId()), "broker " + incarnation + " has no record of its stream");
            }
        }
    }

    private void epochs() {
        long last = lastEpoch(stored);
        stored.streams().keySet().stream()
                .filter(incarnation -> incarnation.brokerEpoch() > last)
                .forEach(incarnation -> findings.add(Finding.damage(
                                Kind.COUNTER_BEHIND,
                                "broker " + incarnation + " has an epoch above the counter's " + last)
                        .at(keys.brokerEpochCounter())));
        if (stored.forgottenEpoch() > last) {
            findings.add(Finding.damage(
                            Kind.COUNTER_BEHIND,
                            "the stream of broker epoch " + stored.forgottenEpoch()
                                    + " was collected, the counter is at " + last)
                    .at(keys.brokerEpochCounter()));
        }
    }

    /** No broker epoch above this was given out. */
    static long lastEpoch(StoredNamespace stored) {
        return Math.max(stored.brokerEpochs().orElse(0), numbersFrom(stored));
    }

    /** No producer id above this was given out. */
    static long lastProducerId(StoredNamespace stored) {
        return Math.max(stored.producerIds().orElse(0), numbersFrom(stored));
    }

    static long numbersFrom(StoredNamespace stored) {
        return stored.cluster().map(cluster -> cluster.value().numbersFrom()).orElse(0L);
    }
}
