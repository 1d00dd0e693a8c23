package io.kafscale.log.check;

import static java.util.Objects.requireNonNull;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.SegmentKey;
import io.kafscale.format.StreamId;
import io.kafscale.format.segment.SegmentFooter;
import io.kafscale.log.LogException;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.log.internal.ObjectWalk;
import io.kafscale.log.segment.PartitionPlace;
import io.kafscale.log.segment.SegmentReindex;
import io.kafscale.log.wal.SealedStream;
import io.kafscale.log.wal.StreamCollector;
import io.kafscale.log.wal.WalStore;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistry;
import io.kafscale.metastore.cluster.NamespaceReader;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.PartitionRecord;
import io.kafscale.metastore.cluster.StoredNamespace;
import io.kafscale.metastore.cluster.StreamRecord;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.TopicTombstone;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.objectstore.ObjectPage;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Mends what a check has found and what can be mended without risk: indexes, from their segments; and objects that facts in the
 * metadata say nobody needs, which are deleted when those facts have been there for a grace and still are. Touches nothing else.
 * {@link #run} may be called from any thread, once; everything else belongs to the loop of the context.
 */
public final class NamespaceRepair {
    private final CheckContext context;
    private final CheckSettings settings;
    private final NamespaceReader metadata;
    private final List<String> indexes = new ArrayList<>();
    private final List<String> left = new ArrayList<>();
    private long deleted;

    /** A repair that has not begun; the stores of the context must be open for writing. */
    public NamespaceRepair(CheckContext context, CheckSettings settings) {
        this.context = context;
        this.settings = settings;
        this.metadata = new NamespaceReader(context.metadata());
    }

    /** Repairs what {@code report} has found; takes a grace if there is anything to delete. Fails as the stores do. */
    public CompletableFuture<RepairReport> run(CheckReport report) {
        var result = new CompletableFuture<RepairReport>();
        context.loop()
                .execute(() -> metadata.read()
                        .thenCompose(before -> indexes(report, before).thenCompose(_ -> orphans(report, before)))
                        .whenComplete((_, failure) -> {
                            if (failure == null) {
                                result.complete(new RepairReport(indexes, deleted, left));
                            } else {
                                result.completeExceptionally(FutureFailure.cause(failure));
                            }
                        }));
        return result;
    }

    private static List<Finding> of(CheckReport report, Finding.Kind... kinds) {
        Set<Finding.Kind> wanted = Set.of(kinds);
        return report.findings().stream()
                .filter(found -> wanted.contains(found.kind()) && found.key() != null)
                .toList();
    }

    private static <T> CompletableFuture<Void> each(List<T> all, Function<T, CompletableFuture<?>> step) {
        Iterator<T> each = all.iterator();
        return LoopFutures.repeat(() -> each.hasNext() ? step.apply(each.next()) : null);
    }

    private CompletableFuture<Void> indexes(CheckReport report, StoredNamespace stored) {
        var reindex = new SegmentReindex(context.objects(), context.layout());
        return each(of(report, Finding.Kind.INDEX_MISSING, Finding.Kind.INDEX_DAMAGED), finding -> {
            String key = requireNonNull(finding.key());
            Optional<SegmentKey> segment = context.layout().parseSegmentKey(key);
            TopicRecord topic =
                    segment.isEmpty() ? null : stored.topicIn(segment.get().topicDirectory());
            if (topic == null) {
                left.add(key + ": its topic is gone");
                return CompletableFuture.completedFuture(null);
            }
            var place = new PartitionPlace(
                    new PartitionId(topic.id(), segment.get().partition()), topic.name(), topic.directory());
            return onLoop(reindex.reindex(place, segment.get().baseOffset()))
                    .thenAccept(outcome -> {
                        if (outcome != SegmentReindex.Outcome.INTACT) {
                            indexes.add(key);
                        }
                    })
                    .exceptionally(failure -> unmended(key, FutureFailure.cause(failure)));
        });
    }

    private @Nullable Void unmended(String key, Throwable cause) {
        boolean ofTheObject = cause instanceof CorruptObjectException
                || cause instanceof LogException
                || (cause instanceof StorageException storage && !storage.kind().isTransient());
        if (!ofTheObject) {
            throw cause instanceof RuntimeException failed ? failed : new IllegalStateException(cause);
        }
        left.add(key + ": " + cause.getMessage());
        return null;
    }

    private CompletableFuture<Void> orphans(CheckReport report, StoredNamespace before) {
        List<Finding> streams = of(report, Finding.Kind.ORPHAN_STREAM);
        List<Finding> below = of(report, Finding.Kind.BELOW_LOG_START);
        List<Finding> topics = of(report, Finding.Kind.DELETED_TOPIC);
        if (streams.isEmpty() && below.isEmpty() && topics.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        var graceIsOver = new CompletableFuture<Void>();
        context.loop().schedule(settings.grace(), () -> graceIsOver.complete(null));
        return graceIsOver
                .thenCompose(_ -> metadata.read())
                .thenCompose(now -> each(streams, finding -> stream(finding, now))
                        .thenCompose(_ -> each(below, finding -> belowLogStart(finding, before, now)))
                        .thenCompose(_ -> each(topics, finding -> deletedTopic(finding, before, now))));
    }

    /** Fact: the stream is sealed, or was collected and forgotten, and no tenure names it, of which there can be no new one. */
    private CompletableFuture<?> stream(Finding finding, StoredNamespace now) {
        String prefix = requireNonNull(finding.key());
        Optional<StreamId> id = StreamId.parse(
                prefix.substring(context.layout().walPrefix().length(), Math.max(prefix.length() - 1, 0)));
        Versioned<StreamRecord> record = id.isEmpty() ? null : StreamCheck.recordOf(now, id.get());
        Long seal = record == null ? null : record.value().sealSequence();
        boolean readable = now.unreadable().isEmpty();
        boolean forgotten = id.isPresent() && StreamCheck.isForgotten(now, id.get());
        if ((seal == null && !forgotten) || !readable || StreamCheck.isNeeded(now, id.get())) {
            left.add(prefix
                    + (readable
                            ? ": it is not sealed; a running broker seals it after a while"
                            : ": the metadata has values that cannot be read, which may name it"));
            return CompletableFuture.completedFuture(null);
        }
        var collector = new StreamCollector(new WalStore(
                context.objects(),
                context.layout(),
                context.loop(),
                context.metadata().random()));
        var incarnation = new BrokerIncarnation(id.get().brokerId(), id.get().brokerEpoch());
        CompletableFuture<Integer> collected =
                seal == null ? collector.collect(id.get()) : collector.collect(new SealedStream(id.get(), seal, seal));
        return collected
                .thenCompose(count -> {
                    deleted += count;
                    return new BrokerRegistry(context.metadata()).markCollected(incarnation);
                })
                .<@Nullable Void>thenApply(_ -> null)
                .exceptionally(failure -> unmended(prefix, FutureFailure.cause(failure)));
    }

    /** Fact: below the log start of this topic id, which never goes back; it counts as it was before the grace. */
    private CompletableFuture<?> belowLogStart(Finding finding, StoredNamespace before, StoredNamespace now) {
        String key = requireNonNull(finding.key());
        SegmentKey segment = context.layout().parseSegmentKey(key).orElseThrow();
        TopicRecord topic = before.topicIn(segment.topicDirectory());
        if (topic == null || !now.topics().containsKey(topic.name())) {
            left.add(key + ": its topic is gone");
            return CompletableFuture.completedFuture(null);
        }
        var id = new PartitionId(topic.id(), segment.partition());
        Versioned<PartitionRecord> record = before.partitions().get(id);
        Versioned<PartitionRecord> still = now.partitions().get(id);
        if (record == null || still == null) {
            left.add(key + ": its partition has no record that can be read");
            return CompletableFuture.completedFuture(null);
        }
        long logStart = Math.min(record.value().logStartOffset(), still.value().logStartOffset());
        var place = new PartitionPlace(id, topic.name(), topic.directory());
        return below(place, logStart).thenCompose(this::delete);
    }

    /** The objects of segments that end below an offset, segments before indexes. */
    private CompletableFuture<List<String>> below(PartitionPlace place, long offset) {
        var bases = new ArrayList<Long>();
        return new ObjectWalk(context.objects(), context.loop())
                .each(place.prefix(context.layout()), "", object -> {
                    context.layout()
                            .parseSegmentKey(object.key())
                            .filter(key -> key.kind() == SegmentKey.Kind.DATA && key.baseOffset() < offset)
                            .ifPresent(key -> bases.add(key.baseOffset()));
                    return null;
                })
                .thenCompose(_ -> {
                    var data = new ArrayList<String>();
                    var indexKeys = new ArrayList<String>();
                    return each(bases, base -> {
                                String key = place.segmentKey(context.layout(), base);
                                return onLoop(context.objects().getTail(key, SegmentFooter.BYTES))
                                        .thenAccept(tail -> {
                                            var footer = SegmentFooter.parse(tail.bytes(), tail.objectSize(), key);
                                            if (footer.lastOffset() < offset) {
                                                data.add(key);
                                                indexKeys.add(place.indexKey(context.layout(), base));
                                            }
                                        })
                                        .exceptionally(failure -> unmended(key, FutureFailure.cause(failure)));
                            })
                            .thenApply(_ -> {
                                data.addAll(indexKeys);
                                return data;
                            });
                });
    }

    /** Fact: the tombstone of the topic id, older than the grace. No other topic ever has its directory. */
    private CompletableFuture<?> deletedTopic(Finding finding, StoredNamespace before, StoredNamespace now) {
        String key = requireNonNull(finding.key());
        SegmentKey segment = context.layout().parseSegmentKey(key).orElseThrow();
        TopicTombstone tombstone = before.tombstoneOf(segment.topicDirectory());
        Map<?, ?> tombstones = now.tombstones();
        if (tombstone == null
                || !tombstones.containsKey(tombstone.id())
                || now.topicIn(tombstone.directory()) != null) {
            left.add(key + ": it has no tombstone any more");
            return CompletableFuture.completedFuture(null);
        }
        var doomed = new LinkedHashSet<String>();
        return new ObjectWalk(context.objects(), context.loop())
                .each(context.layout().topicPrefix(tombstone.directory()), "", object -> {
                    context.layout()
                            .parseSegmentKey(object.key())
                            .filter(found -> found.topicDirectory().equals(tombstone.directory()))
                            .ifPresent(_ -> doomed.add(object.key()));
                    return doomed.size() < ObjectPage.MAX_LIMIT ? null : deleteAll(doomed);
                })
                .thenCompose(_ -> deleteAll(doomed));
    }

    private CompletableFuture<Void> deleteAll(Set<String> doomed) {
        List<String> keys = List.copyOf(doomed);
        doomed.clear();
        return delete(keys);
    }

    private CompletableFuture<Void> delete(List<String> keys) {
        if (keys.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        return onLoop(context.objects().delete(keys)).thenRun(() -> deleted += keys.size());
    }

    private <T extends @Nullable Object> CompletableFuture<T> onLoop(CompletableFuture<T> future) {
        return LoopFutures.hop(future, context.loop());
    }
}
