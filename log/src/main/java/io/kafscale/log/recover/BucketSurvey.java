package io.kafscale.log.recover;

import io.kafscale.format.ClusterObject;
import io.kafscale.format.SegmentKey;
import io.kafscale.format.StreamId;
import io.kafscale.format.TopicDirectory;
import io.kafscale.format.WalKey;
import io.kafscale.log.internal.Lanes;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.log.internal.ObjectWalk;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.StoredNamespace;
import io.kafscale.metastore.cluster.StreamRecord;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.objectstore.ObjectPage;
import io.kafscale.objectstore.ObjectSummary;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Looks at a whole bucket: identity, streams, segments. Belongs to the loop. */
final class BucketSurvey {
    private static final int PARTITIONS_AT_A_TIME = 4;

    private final RecoveryContext context;
    private final StoredNamespace stored;
    private final boolean seal;
    private final Consumer<String> progress;
    private final ObjectWalk walk;
    private final TreeMap<StreamId, FoundStream> streams = new TreeMap<>();
    private final TreeMap<String, FoundDirectory> directories = new TreeMap<>();

    /**
     * A survey.
     *
     * @param stored the metadata, which may be old
     * @param seal whether to seal the streams, so that they say the same for ever
     * @param progress told what is being looked at
     */
    BucketSurvey(RecoveryContext context, StoredNamespace stored, boolean seal, Consumer<String> progress) {
        this.context = context;
        this.stored = stored;
        this.seal = seal;
        this.progress = progress;
        this.walk = new ObjectWalk(context.objects(), context.loop());
    }

    CompletableFuture<FoundBucket> run() {
        return identity()
                .thenCompose(identity -> readStreams()
                        .thenCompose(_ -> readSegments())
                        .thenApply(_ -> FoundBucket.of(identity, streams, directories)));
    }

    /** The newest identity; fails with a {@link io.kafscale.format.CorruptObjectException} if one is damaged. */
    private CompletableFuture<Optional<ClusterObject>> identity() {
        return LoopFutures.hop(
                        context.objects().list(context.layout().clusterKey(), "", ObjectPage.MAX_LIMIT), context.loop())
                .thenCompose(page -> {
                    var keys = new ArrayList<String>();
                    page.objects().stream()
                            .map(ObjectSummary::key)
                            .filter(key -> context.layout().parseClusterKey(key).isPresent())
                            .forEach(keys::add);
                    var newest = new Object() {
                        @Nullable
                        ClusterObject object;
                    };
                    Iterator<String> left = keys.iterator();
                    return LoopFutures.repeat(() -> left.hasNext()
                                    ? identity(left.next()).thenAccept(found -> {
                                        ClusterObject known = newest.object;
                                        if (known == null || found.restoreGeneration() > known.restoreGeneration()) {
                                            newest.object = found;
                                        }
                                    })
                                    : null)
                            .thenApply(_ -> Optional.ofNullable(newest.object));
                });
    }

    private CompletableFuture<ClusterObject> identity(String key) {
        return LoopFutures.hop(context.objects().get(key, ClusterObject.MAX_BYTES), context.loop())
                .thenApply(bytes -> ClusterObject.parse(bytes, key));
    }

    private CompletableFuture<Void> readStreams() {
        var survey = new StreamSurvey(context);
        var group = new Object() {
            @Nullable
            StreamId stream;

            TreeMap<Long, Long> present = new TreeMap<>();

            @Nullable
            CompletableFuture<Void> end() {
                StreamId ended = stream;
                if (ended == null) {
                    return null;
                }
                progress.accept((seal ? "sealing and reading stream " : "reading stream ") + ended);
                CompletableFuture<Void> read =
                        read(survey, ended, present).thenAccept(found -> streams.put(ended, found));
                present = new TreeMap<>();
                return read;
            }
        };
        return walk.each(context.layout().walPrefix(), "", object -> {
                    Optional<WalKey> key = context.layout().parseWalKey(object.key());
                    if (key.isEmpty()) {
                        return null;
                    }
                    boolean same = key.get().stream().equals(group.stream);
                    CompletableFuture<Void> ended = same ? null : group.end();
                    group.stream = key.get().stream();
                    group.present.put(key.get().sequence(), object.lastModifiedMs());
                    return ended;
                })
                .thenCompose(_ -> orDone(group.end()));
    }

    private CompletableFuture<FoundStream> read(
            StreamSurvey survey, StreamId stream, NavigableMap<Long, Long> writtenMs) {
        // Whatever is there beside the seal was put back by a late request of the stream's writer.
        return isCollected(stream)
                ? CompletableFuture.completedFuture(
                        new FoundStream(stream, writtenMs.lastKey(), true, writtenMs, null, List.of()))
                : survey.read(stream, writtenMs, seal);
    }

    private boolean isCollected(StreamId stream) {
        if (stream.brokerEpoch() <= 0) {
            return false;
        }
        var incarnation = new BrokerIncarnation(stream.brokerId(), stream.brokerEpoch());
        Versioned<StreamRecord> record = stored.streams().get(incarnation);
        return record == null
                ? stored.isForgotten(incarnation)
                : record.value().state() == StreamRecord.State.COLLECTED;
    }

    private CompletableFuture<Void> readSegments() {
        var listing = new SegmentListing();
        return walk.each(context.layout().prefix(), "", listing::take)
                .thenCompose(_ -> orDone(listing.end()))
                .thenCompose(_ -> listing.lanes.drained());
    }

    /** Segments come one partition after the other in the listing; those of each are read when they are known whole. */
    private final class SegmentListing {
        private final Lanes lanes = new Lanes(PARTITIONS_AT_A_TIME);
        private TreeMap<Long, Long> sizes = new TreeMap<>();
        private @Nullable SegmentKey last;

        @Nullable
        CompletableFuture<Void> take(ObjectSummary object) {
            Optional<SegmentKey> parsed = context.layout().parseSegmentKey(object.key());
            if (parsed.isEmpty()) {
                return null;
            }
            SegmentKey key = parsed.get();
            FoundDirectory directory = directory(key.topicDirectory());
            directory.newestMs = Math.max(directory.newestMs, object.lastModifiedMs());
            CompletableFuture<Void> ended = isOfTheSamePartition(key) ? null : end();
            last = key;
            if (key.kind() == SegmentKey.Kind.DATA) {
                sizes.put(key.baseOffset(), object.size());
            }
            return ended;
        }

        private boolean isOfTheSamePartition(SegmentKey key) {
            return last != null
                    && last.partition() == key.partition()
                    && last.topicDirectory().equals(key.topicDirectory());
        }

        @Nullable
        CompletableFuture<Void> end() {
            SegmentKey ended = last;
            TreeMap<Long, Long> found = sizes;
            sizes = new TreeMap<>();
            if (ended == null || found.isEmpty()) {
                return null;
            }
            FoundDirectory directory = directory(ended.topicDirectory());
            progress.accept("reading segments of " + ended.topicDirectory() + "-" + ended.partition());
            return lanes.submit(() -> new SegmentSurvey(context, directory, ended.partition()).run(found));
        }
    }

    private FoundDirectory directory(String name) {
        return directories.computeIfAbsent(
                name, _ -> new FoundDirectory(TopicDirectory.parse(name).orElseThrow()));
    }

    private static CompletableFuture<Void> orDone(@Nullable CompletableFuture<Void> busy) {
        return busy == null ? CompletableFuture.completedFuture(null) : busy;
    }
}
