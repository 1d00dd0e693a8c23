package io.kafscale.log.recover;

import io.kafscale.format.ClusterObject;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.RestoredRecord;
import io.kafscale.metastore.cluster.StoredNamespace;
import io.kafscale.metastore.cluster.StreamRecord;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a recovery does. Immutable; any thread.
 *
 * @param cluster the identity from then on
 * @param overEmptyMetadata whether there was no metadata of the cluster at all
 * @param records everything that is to be in the metadata store, in the order in which it is written
 * @param notes what whoever runs it should know, damage first
 */
public record RecoveryPlan(
        ClusterRecord cluster, boolean overEmptyMetadata, List<RestoredRecord> records, List<RecoveryNote> notes) {
    /** Copies the lists. */
    public RecoveryPlan {
        records = List.copyOf(records);
        notes = List.copyOf(notes);
    }

    /** The topics there will be. */
    public List<TopicRecord> topics() {
        return records.stream()
                .filter(RestoredRecord.Topic.class::isInstance)
                .map(record -> ((RestoredRecord.Topic) record).topic())
                .toList();
    }

    /** The partition records there will be. */
    public List<PartitionRecord> partitions() {
        return records.stream()
                .filter(RestoredRecord.Partition.class::isInstance)
                .map(record -> ((RestoredRecord.Partition) record).partition())
                .toList();
    }

    /** Whether something acknowledged is missing. */
    public boolean hasDamage() {
        return notes.stream().anyMatch(note -> note.kind() == RecoveryNote.Kind.DAMAGE);
    }

    /**
     * Makes a plan.
     *
     * @param generation the restore generation that is to be
     * @throws RecoveryException if bucket and metadata belong to different clusters, or nobody knows to which
     */
    static RecoveryPlan of(
            StoredNamespace stored, FoundBucket bucket, int generation, Supplier<UUID> newIds, long nowMs) {
        ClusterRecord cluster = identity(stored, bucket, generation, nowMs);
        var notes = new ArrayList<RecoveryNote>();
        var records = new ArrayList<RestoredRecord>(streams(stored, bucket, notes));
        TopicPlan topics = new TopicPlan(stored, bucket, cluster, newIds, nowMs).decide();
        records.addAll(topics.records());
        notes.addAll(topics.notes());
        for (TopicPlan.Planned planned : topics.topics()) {
            partitions(stored, bucket, planned, cluster, records, notes);
        }
        stored.unreadable()
                .forEach(value -> notes.add(RecoveryNote.lost(
                        value.key(),
                        "it cannot be read and is replaced where the bucket knows better: " + value.why())));
        notes.add(groups(stored));
        notes.sort(Comparator.comparing(RecoveryNote::kind));
        return new RecoveryPlan(cluster, stored.cluster().isEmpty(), records, notes);
    }

    private static ClusterRecord identity(StoredNamespace stored, FoundBucket bucket, int generation, long nowMs) {
        Optional<ClusterRecord> known = stored.cluster().map(Versioned::value);
        Optional<String> inBucket = bucket.identity().map(ClusterObject::clusterId);
        if (known.isPresent()
                && inBucket.isPresent()
                && !known.get().clusterId().equals(inBucket.get())) {
            throw new RecoveryException(
                    "the bucket belongs to cluster " + inBucket.get() + ", but the metadata to cluster "
                            + known.get().clusterId()
                            + ": metadata.uri and storage.uri must name the two halves of one cluster,"
                            + " or metadata.uri an empty store");
        }
        String id = inBucket.or(() -> known.map(ClusterRecord::clusterId))
                .orElseThrow(() -> new RecoveryException(
                        "neither the bucket nor the metadata say which cluster this is: is it the right namespace?"));
        return new ClusterRecord(
                id, generation, known.map(ClusterRecord::createdMs).orElse(nowMs));
    }

    private static List<RestoredRecord> streams(StoredNamespace stored, FoundBucket bucket, List<RecoveryNote> notes) {
        var records = new ArrayList<RestoredRecord>();
        for (FoundStream stream : bucket.streams().values()) {
            if (stream.id().brokerEpoch() <= 0) {
                continue;
            }
            var incarnation =
                    new BrokerIncarnation(stream.id().brokerId(), stream.id().brokerEpoch());
            Versioned<StreamRecord> known = stored.streams().get(incarnation);
            if (stream.damage() != null && isFree(stored, incarnation)) {
                continue; // it stays sealed, and is collected
            }
            if (stream.damage() != null) {
                notes.add(RecoveryNote.damage(
                        "stream " + stream.id(), stream.damage() + "; partitions that need it stay closed"));
                records.add(new RestoredRecord.Stream(new StreamRecord(incarnation, StreamRecord.State.CLOSING, null)));
            } else if (stream.end() > 0 && !isCollected(known) && !stored.isForgotten(incarnation)) {
                records.add(new RestoredRecord.Stream(
                        new StreamRecord(incarnation, StreamRecord.State.SEALED, stream.end())));
            }
        }
        return records;
    }

    /** No tenure named it when the metadata was copied, and none does since: its objects may have been deleted, in part or whole. */
    private static boolean isFree(StoredNamespace stored, BrokerIncarnation incarnation) {
        Versioned<StreamRecord> known = stored.streams().get(incarnation);
        return known != null
                && known.value().sealSequence() != null
                && stored.unreadable().isEmpty()
                && !stored.namedStreams().contains(incarnation);
    }

    private static boolean isIntact(StoredNamespace stored, FoundStream stream) {
        return stream.damage() == null
                || (stream.id().brokerEpoch() > 0
                        && isFree(
                                stored,
                                new BrokerIncarnation(
                                        stream.id().brokerId(), stream.id().brokerEpoch())));
    }

    /** Its objects are gone but for the seal, and so they shall stay. */
    private static boolean isCollected(@Nullable Versioned<StreamRecord> known) {
        return known != null && known.value().state() == StreamRecord.State.COLLECTED;
    }

    private static void partitions(
            StoredNamespace stored,
            FoundBucket bucket,
            TopicPlan.Planned planned,
            ClusterRecord cluster,
            List<RestoredRecord> records,
            List<RecoveryNote> notes) {
        TopicRecord topic = planned.topic();
        boolean intact = bucket.streams().values().stream().allMatch(stream -> isIntact(stored, stream));
        FoundDirectory directory = planned.directory();
        for (int partition = 0; partition < topic.partitions(); partition++) {
            var id = new PartitionId(topic.id(), partition);
            Versioned<PartitionRecord> old = stored.partitions().get(id);
            PartitionPlan.Result result = new PartitionPlan(
                            id,
                            topic.name() + "-" + partition,
                            old == null ? null : old.value(),
                            directory == null ? null : directory.partitions.get(partition),
                            bucket.runs().getOrDefault(id, List.of()),
                            intact,
                            cluster.leaderEpochsFrom())
                    .result();
            records.add(new RestoredRecord.Partition(result.record()));
            notes.addAll(result.notes());
        }
    }

    private static RecoveryNote groups(StoredNamespace stored) {
        return RecoveryNote.lost(
                "consumer groups",
                stored.cluster().isEmpty()
                        ? "committed offsets are in the metadata only: they are gone, consumers go by auto.offset.reset"
                        : "committed offsets stay as the metadata has them: where it is an old copy, consumers read again"
                                + " what they read since");
    }
}
