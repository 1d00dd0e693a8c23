package io.kafscale.log.check;

import static java.util.Objects.requireNonNullElseGet;

import io.kafscale.format.SegmentKey;
import io.kafscale.format.StreamId;
import io.kafscale.format.WalKey;
import io.kafscale.log.check.Finding.Kind;
import io.kafscale.log.internal.Lanes;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.log.internal.ObjectWalk;
import io.kafscale.log.segment.PartitionPlace;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.NamespaceReader;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.StoredNamespace;
import io.kafscale.metastore.cluster.Tenure;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.objectstore.ObjectSummary;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The check of a namespace, {@code kafscale fsck}: metadata, then streams, then partitions, then the metadata again. Changes nothing.
 * {@link #run} may be called from any thread, once; everything else belongs to the loop of the context.
 */
public final class NamespaceCheck {
    private static final int PARTITIONS_AT_A_TIME = 4;

    private final CheckContext context;
    private final CheckSettings settings;
    private final CheckProgress progress;
    private final NamespaceReader metadata;
    private final StoredObjects objects;
    private final ObjectWalk walk;
    private final Suspects suspects = new Suspects();
    private final Leftovers leftovers;
    private final Map<BrokerIncarnation, StreamContents> streams = new HashMap<>();
    private final Set<PartitionId> seen = new HashSet<>();
    private long greatestProducerId = -1;

    /** A check that has not begun. */
    public NamespaceCheck(CheckContext context, CheckSettings settings, CheckProgress progress) {
        this.context = context;
        this.settings = settings;
        this.progress = progress;
        this.metadata = new NamespaceReader(context.metadata());
        this.objects = new StoredObjects(context, progress);
        this.walk = new ObjectWalk(context.objects(), context.loop());
        this.leftovers = new Leftovers(context, settings);
    }

    /**
     * Checks.
     *
     * @return what was found. Fails with {@link io.kafscale.objectstore.StorageException} or
     *     {@link io.kafscale.metastore.MetadataException} if a store does not answer, so that nothing is known
     */
    public CompletableFuture<CheckReport> run() {
        var result = new CompletableFuture<CheckReport>();
        context.loop()
                .execute(() -> metadata.read().thenCompose(this::check).whenComplete((report, failure) -> {
                    if (failure == null) {
                        result.complete(report);
                    } else {
                        result.completeExceptionally(FutureFailure.cause(failure));
                    }
                }));
        return result;
    }

    private CompletableFuture<CheckReport> check(StoredNamespace before) {
        progress.step("checking the write-ahead log");
        return new IdentityCheck(context, objects, suspects)
                .run()
                .thenCompose(_ -> checkStreams(before))
                .thenCompose(_ -> {
                    progress.step("checking segments");
                    return checkPartitions(before);
                })
                .thenCompose(_ -> {
                    progress.step("reading metadata again");
                    return checkGroups();
                })
                .thenCompose(_ -> metadata.read())
                .thenApply(now -> report(before, now));
    }

    /** Streams come one after the other in the listing; each is read when it is known whole. */
    private CompletableFuture<Void> checkStreams(StoredNamespace before) {
        var group = new Object() {
            @Nullable
            StreamId stream;

            TreeMap<Long, Long> sizes = new TreeMap<>();
            long newestMs;

            CompletableFuture<Void> end() {
                StreamId ended = stream;
                TreeMap<Long, Long> found = sizes;
                sizes = new TreeMap<>();
                long writtenMs = newestMs;
                newestMs = 0;
                return ended == null
                        ? CompletableFuture.completedFuture(null)
                        : checkStream(ended, found, writtenMs, before);
            }
        };
        return walk.each(context.layout().walPrefix(), "", object -> {
                    count(object);
                    Optional<WalKey> key = context.layout().parseWalKey(object.key());
                    if (key.isEmpty()) {
                        unknownKey(object);
                        return null;
                    }
                    CompletableFuture<Void> ended = key.get().stream().equals(group.stream) ? null : group.end();
                    group.stream = key.get().stream();
                    group.sizes.put(key.get().sequence(), object.size());
                    group.newestMs = Math.max(group.newestMs, object.lastModifiedMs());
                    return ended;
                })
                .thenCompose(_ -> group.end())
                .thenRun(() -> before.namedStreams().stream()
                        .filter(named -> !streams.containsKey(named))
                        .forEach(this::missingStream));
    }

    /** A stream that is needed keeps its newest acknowledged object, and its genesis or its seal. */
    private void missingStream(BrokerIncarnation named) {
        suspects.suspect(now -> now.namedStreams().contains(named)
                ? Optional.of(Finding.damage(Kind.UNREADABLE_OBJECT, "no object of a stream is there that tenures name")
                        .at(context.layout().walPrefix(new StreamId(named.brokerId(), named.brokerEpoch())))
                        .so(
                                "Its records are lost unless segments hold them; partitions that need it stay closed.",
                                "Put its objects back (versions of the bucket, a backup) under the same keys."))
                : Optional.empty());
    }

    private CompletableFuture<Void> checkStream(
            StreamId stream, NavigableMap<Long, Long> sizes, long newestMs, StoredNamespace before) {
        progress.streams.incrementAndGet();
        boolean keep = StreamCheck.isNeeded(before, stream);
        return new StreamCheck(context, settings, objects, suspects, stream)
                .run(sizes, keep, newestMs)
                .thenAccept(result -> {
                    greatestProducerId = Math.max(greatestProducerId, result.facts().greatestProducerId);
                    if (keep) {
                        streams.put(new BrokerIncarnation(stream.brokerId(), stream.brokerEpoch()), result.contents());
                    }
                    long nowMs = context.loop().time().wallClockMs();
                    boolean old = nowMs - newestMs > settings.grace().toMillis();
                    StreamJudgement.of(context.layout(), result, old).forEach(suspects::suspect);
                });
    }

    private CompletableFuture<Void> checkPartitions(StoredNamespace before) {
        var listing = new PartitionListing(before);
        return walk.each(context.layout().prefix(), "", listing::take)
                .thenCompose(_ -> requireNonNullElseGet(listing.end(), NamespaceCheck::done))
                .thenCompose(_ -> checkUnlisted(listing.shared, before, listing.lanes))
                .thenCompose(_ -> listing.lanes.drained())
                .thenRun(() -> leftovers.report(suspects));
    }

    /** Partitions come one after the other in the listing; each is checked when it is known whole. */
    private final class PartitionListing {
        private final PartitionCheck.Shared shared = new PartitionCheck.Shared(
                context, settings, objects, suspects, progress, NamespaceCheck.this::contentsOf);
        private final Lanes lanes = new Lanes(PARTITIONS_AT_A_TIME);
        private final StoredNamespace before;
        private TreeMap<Long, ListedSegment> listed = new TreeMap<>();
        private @Nullable PartitionPlace place;

        PartitionListing(StoredNamespace before) {
            this.before = before;
        }

        @Nullable
        CompletableFuture<Void> take(ObjectSummary object) {
            if (object.key().startsWith(context.layout().walPrefix())) {
                return null; // counted before
            }
            count(object);
            Optional<SegmentKey> key = context.layout().parseSegmentKey(object.key());
            if (key.isEmpty()) {
                other(object);
                return null;
            }
            TopicRecord topic = before.topicIn(key.get().topicDirectory());
            if (topic == null) {
                leftovers.add(key.get().topicDirectory(), object);
                return null;
            }
            var next = new PartitionPlace(
                    new PartitionId(topic.id(), key.get().partition()), topic.name(), topic.directory());
            CompletableFuture<Void> ended = next.equals(place) ? null : end();
            place = next;
            note(listed, key.get(), object);
            return ended;
        }

        @Nullable
        CompletableFuture<Void> end() {
            PartitionPlace ended = place;
            TreeMap<Long, ListedSegment> found = listed;
            listed = new TreeMap<>();
            place = null;
            return ended == null ? null : lanes.submit(() -> checkPartition(shared, ended, before, found));
        }
    }

    private static void note(Map<Long, ListedSegment> listed, SegmentKey key, ObjectSummary object) {
        listed.compute(key.baseOffset(), (base, known) -> {
            ListedSegment segment = known == null ? ListedSegment.none(base) : known;
            return key.kind() == SegmentKey.Kind.DATA
                    ? segment.withData(object.size(), object.lastModifiedMs())
                    : segment.withIndex(object.size());
        });
    }

    private CompletableFuture<Void> checkPartition(
            PartitionCheck.Shared shared,
            PartitionPlace place,
            StoredNamespace before,
            NavigableMap<Long, ListedSegment> listed) {
        progress.partitions.incrementAndGet();
        seen.add(place.id());
        var record = before.partitions().get(place.id());
        return new PartitionCheck(shared, place, record == null ? null : record.value(), listed)
                .run()
                .thenAccept(producerId -> greatestProducerId = Math.max(greatestProducerId, producerId));
    }

    /** Partitions that have a record and no object. */
    private CompletableFuture<Void> checkUnlisted(PartitionCheck.Shared shared, StoredNamespace before, Lanes lanes) {
        var tasks = new ArrayList<Supplier<CompletableFuture<?>>>();
        for (Versioned<TopicRecord> topic : before.topics().values()) {
            for (int partition = 0; partition < topic.value().partitions(); partition++) {
                var id = new PartitionId(topic.value().id(), partition);
                if (before.partitions().containsKey(id) && !seen.contains(id)) {
                    var place = new PartitionPlace(
                            id, topic.value().name(), topic.value().directory());
                    tasks.add(() -> checkPartition(shared, place, before, new TreeMap<>()));
                }
            }
        }
        var left = tasks.iterator();
        return LoopFutures.repeat(() -> left.hasNext() ? lanes.submit(left.next()) : null);
    }

    private StreamContents contentsOf(Tenure tenure) {
        return streams.getOrDefault(tenure.stream(), new StreamContents());
    }

    private void count(ObjectSummary object) {
        progress.objects.incrementAndGet();
        progress.bytes.addAndGet(object.size());
    }

    private void other(ObjectSummary object) {
        if (object.key().startsWith(context.layout().prefix() + ".probe/")) {
            boolean old = context.loop().time().wallClockMs() - object.lastModifiedMs()
                    > settings.grace().toMillis();
            if (old) {
                suspects.add(Finding.warning(Kind.LEFTOVER, "an object of a start-up check that was cut short")
                        .at(object.key()));
            }
        } else if (context.layout().parseClusterKey(object.key()).isEmpty()) {
            unknownKey(object);
        }
    }

    private void unknownKey(ObjectSummary object) {
        suspects.add(Finding.warning(Kind.UNKNOWN_KEY, "no object of ours has such a key (" + object.size() + " bytes)")
                .at(object.key()));
    }

    private CompletableFuture<Void> checkGroups() {
        var shard = new Object() {
            int next;
        };
        return LoopFutures.repeat(() -> {
            if (shard.next >= settings.groupShards()) {
                return null;
            }
            String prefix = context.metadata().keys().prefix() + "groups/" + shard.next++ + "/";
            return LoopFutures.hop(context.metadata().store().range(prefix), context.loop())
                    .thenAccept(range -> range.keys()
                            .forEach(stored -> context.groupKeys()
                                    .apply(stored)
                                    .ifPresent(why -> suspects.add(Finding.damage(Kind.METADATA_UNREADABLE, why)
                                            .at(stored.key())
                                            .so(
                                                    "The groups of this shard cannot be loaded: their committed"
                                                            + " offsets are not served.",
                                                    "Restore the metadata, or delete the key if you can do"
                                                            + " without it.")))));
        });
    }

    private CheckReport report(StoredNamespace before, StoredNamespace now) {
        var findings = new ArrayList<Finding>(suspects.confirmedBy(now));
        long nowMs = context.loop().time().wallClockMs();
        var patience = settings.grace().multipliedBy(3);
        // What two readings agree on was not just being written.
        var lasting = new HashSet<>(MetadataCheck.of(before, context.metadata().keys(), nowMs, patience));
        MetadataCheck.of(now, context.metadata().keys(), nowMs, patience).stream()
                .filter(lasting::contains)
                .forEach(findings::add);
        if (greatestProducerId > MetadataCheck.lastProducerId(now)) {
            findings.add(Finding.damage(
                            Kind.COUNTER_BEHIND,
                            "producer id " + greatestProducerId + " has written, but ids were given out up to "
                                    + MetadataCheck.lastProducerId(now) + " only")
                    .at(context.metadata().keys().producerIdCounter()));
        }
        findings.sort(Comparator.comparing(Finding::severity).thenComparing(Finding::kind));
        return new CheckReport(
                progress.objects.get(),
                progress.bytes.get(),
                progress.streams.get(),
                progress.segments.get(),
                progress.partitions.get(),
                findings,
                suspects.more());
    }

    private static CompletableFuture<Void> done() {
        return CompletableFuture.completedFuture(null);
    }
}
