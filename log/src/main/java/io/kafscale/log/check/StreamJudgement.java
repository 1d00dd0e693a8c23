package io.kafscale.log.check;

import io.kafscale.format.ObjectLayout;
import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalGenesis;
import io.kafscale.log.check.Finding.Kind;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.StoredNamespace;
import io.kafscale.metastore.cluster.StreamRecord;
import io.kafscale.metastore.cluster.Versioned;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** What a stream means to the metadata: needed, being written, left over, or from a time that this metadata has forgotten. Pure. */
final class StreamJudgement {
    private final ObjectLayout layout;
    private final StreamCheck.Result found;
    private final boolean old;

    private StreamJudgement(ObjectLayout layout, StreamCheck.Result found, boolean old) {
        this.layout = layout;
        this.found = found;
        this.old = old;
    }

    /**
     * The questions a stream raises.
     *
     * @param old whether nothing of it was written for longer than the grace
     */
    static List<Function<StoredNamespace, Optional<Finding>>> of(
            ObjectLayout layout, StreamCheck.Result found, boolean old) {
        var judgement = new StreamJudgement(layout, found, old);
        return List.of(judgement::place, judgement::genesis);
    }

    private String prefix() {
        return layout.walPrefix(found.stream());
    }

    private Optional<Finding> place(StoredNamespace now) {
        StreamId stream = found.stream();
        if (stream.brokerEpoch() > MetadataCheck.lastEpoch(now)) {
            return Optional.of(Finding.damage(
                            Kind.COUNTER_BEHIND,
                            "there is a stream of broker epoch " + stream.brokerEpoch()
                                    + ", but epochs were given out up" + " to " + MetadataCheck.lastEpoch(now)
                                    + " only")
                    .at(prefix()));
        }
        Versioned<StreamRecord> record = StreamCheck.recordOf(now, stream);
        if (record == null) {
            return unrecorded(now);
        }
        boolean needed = StreamCheck.isNeeded(now, stream);
        StreamRecord.State state = record.value().state();
        if (needed && state == StreamRecord.State.SEALED && found.facts().seal < 0) {
            return Optional.of(Finding.damage(
                            Kind.UNREADABLE_OBJECT,
                            "the stream was sealed at " + record.value().sealSequence() + " and has no seal")
                    .at(prefix())
                    .so(
                            "Partitions that need it stay closed.",
                            "Put the seal back (a version of the bucket, a copy)."));
        }
        return needed || !old ? Optional.empty() : leftOver(now, record.value());
    }

    /** A broker appends only when it is registered, and then its stream has a record until it has been collected. */
    private Optional<Finding> unrecorded(StoredNamespace now) {
        boolean holdsData = found.objects() > 1 + (found.facts().seal >= 0 ? 1 : 0) || found.facts().commitPosition > 1;
        if (!old) {
            return Optional.empty();
        }
        boolean forgotten = StreamCheck.isForgotten(now, found.stream());
        if (forgotten && found.facts().seal >= 0) {
            return sealedAndFree().map(StreamJudgement::putBack);
        }
        // Streams of an earlier restore generation have been taken into account by the recovery that ended it.
        if (holdsData && !forgotten && found.stream().brokerEpoch() > MetadataCheck.numbersFrom(now)) {
            return Optional.of(Finding.damage(
                            Kind.METADATA_INCONSISTENT,
                            "the metadata knows nothing of the stream " + found.stream() + ", which holds records")
                    .at(prefix())
                    .so(
                            "If metadata was restored from a copy, these records are not served.",
                            "Stop the brokers and run 'kafscale recover'."));
        }
        return Optional.of(Finding.warning(
                        Kind.ORPHAN_STREAM,
                        "the stream " + found.stream() + " (" + found.objects()
                                + " objects) is of a broker that never registered")
                .at(prefix())
                .so("It takes space.", "Nothing deletes it by itself; it is small."));
    }

    private Optional<Finding> sealedAndFree() {
        boolean sealOnly = found.facts().seal >= 0 && found.objects() == 1;
        return sealOnly
                ? Optional.empty()
                : Optional.of(Finding.warning(
                                Kind.ORPHAN_STREAM,
                                "no tenure names the sealed stream " + found.stream() + ", of which " + found.objects()
                                        + " objects are there")
                        .at(prefix()));
    }

    private Optional<Finding> leftOver(StoredNamespace now, StreamRecord record) {
        StreamId stream = found.stream();
        return switch (record.state()) {
            case OPEN, CLOSING -> {
                var incarnation = new BrokerIncarnation(stream.brokerId(), stream.brokerEpoch());
                yield now.isRegistered(incarnation)
                        ? Optional.empty()
                        : Optional.of(Finding.warning(
                                        Kind.ORPHAN_STREAM,
                                        "the stream " + stream
                                                + " of a dead broker was never sealed, and no tenure names" + " it")
                                .at(prefix())
                                .so("It takes space.", "A running broker seals it after a while."));
            }
            case SEALED -> sealedAndFree();
            case COLLECTED -> sealedAndFree().map(StreamJudgement::putBack);
        };
    }

    /** Brokers delete a stream once. What its owner, which was taken for dead, puts into it later stays there. */
    private static Finding putBack(Finding left) {
        return left.so(
                "It takes space.", "Brokers have deleted this stream and do not look again; fsck --repair does.");
    }

    /** A revision that a broker had seen and this metadata has not reached. */
    private Optional<Finding> genesis(StoredNamespace now) {
        WalGenesis genesis = found.facts().genesis;
        if (genesis == null || found.stream().brokerEpoch() <= MetadataCheck.numbersFrom(now)) {
            return Optional.empty();
        }
        String id = now.cluster().map(cluster -> cluster.value().clusterId()).orElse(genesis.clusterId());
        if (!genesis.clusterId().equals(id)) {
            return Optional.of(Finding.damage(
                            Kind.CLUSTER_IDENTITY,
                            "the stream " + found.stream() + " was begun in cluster " + genesis.clusterId())
                    .at(layout.walKey(found.stream(), 0)));
        }
        return genesis.metadataRevision() <= now.revision()
                ? Optional.empty()
                : Optional.of(Finding.damage(
                                Kind.CLUSTER_IDENTITY,
                                "a broker has seen revision " + genesis.metadataRevision()
                                        + " of the metadata, which is at " + now.revision())
                        .at(layout.walKey(found.stream(), 0))
                        .so(
                                "The metadata is older than the bucket: records may not be served.",
                                "Stop the brokers and run 'kafscale recover'."));
    }
}
