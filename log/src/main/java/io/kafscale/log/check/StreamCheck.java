package io.kafscale.log.check;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.format.RecordBatchView;
import io.kafscale.format.RecordBatches;
import io.kafscale.format.StreamId;
import io.kafscale.format.WalKey;
import io.kafscale.format.wal.WalBatch;
import io.kafscale.format.wal.WalChunk;
import io.kafscale.format.wal.WalData;
import io.kafscale.format.wal.WalFooter;
import io.kafscale.format.wal.WalGenesis;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.format.wal.WalLimits;
import io.kafscale.format.wal.WalObjectReader;
import io.kafscale.format.wal.WalTail;
import io.kafscale.log.check.Finding.Kind;
import io.kafscale.log.check.Finding.Severity;
import io.kafscale.log.check.StoredObjects.Outcome;
import io.kafscale.log.internal.Lanes;
import io.kafscale.log.internal.LoopFutures;
import io.kafscale.log.internal.ObjectWalk;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.StoredNamespace;
import io.kafscale.metastore.cluster.StreamRecord;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.objectstore.ObjectTail;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One WAL stream: every object is readable and is the one its key names, nothing between trim and commit position is missing, and
 * somebody needs it. Belongs to the loop.
 */
final class StreamCheck {
    private static final int TAIL_BYTES = 64 << 10;

    /**
     * What was found.
     *
     * @param contents the chunks that count for the stream, if they were to be kept
     * @param newestMs when the store says its newest object was written
     */
    record Result(StreamId stream, StreamContents contents, StreamFacts facts, int objects, long newestMs) {}

    /** What the objects say of the stream and of numbers that were used. */
    static final class StreamFacts {
        long trimPosition;
        long commitPosition;
        long seal = -1;
        long greatestProducerId = -1;

        @Nullable
        WalGenesis genesis;
    }

    private final CheckContext context;
    private final CheckSettings settings;
    private final StoredObjects objects;
    private final Suspects suspects;
    private final StreamId stream;
    private final StreamContents contents = new StreamContents();
    private final StreamFacts facts = new StreamFacts();
    private final TreeMap<Long, WalHeader> headers = new TreeMap<>();
    private final List<Unreadable> unreadable = new ArrayList<>();
    private final WalObjectReader reader = new WalObjectReader();

    private record Unreadable(long sequence, String why) {}

    StreamCheck(
            CheckContext context, CheckSettings settings, StoredObjects objects, Suspects suspects, StreamId stream) {
        this.context = context;
        this.settings = settings;
        this.objects = objects;
        this.suspects = suspects;
        this.stream = stream;
    }

    /**
     * Reads the stream.
     *
     * @param sizes its objects as listed
     * @param keep whether chunks are needed
     */
    CompletableFuture<Result> run(NavigableMap<Long, Long> sizes, boolean keep, long newestMs) {
        var lanes = new Lanes(settings.parallelReads());
        Iterator<Map.Entry<Long, Long>> left = sizes.entrySet().iterator();
        return LoopFutures.repeat(() -> {
                    if (!left.hasNext()) {
                        return null;
                    }
                    Map.Entry<Long, Long> next = left.next();
                    return lanes.submit(() -> read(next.getKey(), next.getValue())
                            .thenAccept(outcome -> seen(next.getKey(), outcome, keep)));
                })
                .thenCompose(_ -> lanes.drained())
                .thenCompose(_ -> judge())
                .thenApply(_ -> new Result(stream, contents, facts, sizes.size(), newestMs));
    }

    private CompletableFuture<Outcome<WalFooter>> read(long sequence, long size) {
        String key = context.layout().walKey(stream, sequence);
        if (settings.deep()) {
            return objects.whole(key, WalLimits.DEFAULT.maxObjectBytes(), bytes -> verified(bytes, sequence, key));
        }
        int guess = (int) Math.min(TAIL_BYTES, Math.max(size, 1));
        return footer(sequence, key, guess).thenCompose(outcome -> {
            if (outcome instanceof Outcome.Good<WalFooter>(WalFooter footer) && size > guess) {
                return objects.range(key, 0, WalHeader.BYTES, start -> {
                    sameHeader(reader.parseHeader(start, key), footer, key);
                    return footer;
                });
            }
            return CompletableFuture.completedFuture(outcome);
        });
    }

    private CompletableFuture<Outcome<WalFooter>> footer(long sequence, String key, int tailBytes) {
        return objects.tail(key, tailBytes, tail -> parsed(tail, key)).thenCompose(outcome -> switch (outcome) {
            case Outcome.Gone<ParsedTail> _ -> CompletableFuture.completedFuture(new Outcome.Gone<>());
            case Outcome.Bad<ParsedTail>(String why) -> CompletableFuture.completedFuture(new Outcome.Bad<>(why));
            case Outcome.Good<ParsedTail>(ParsedTail tail) ->
                switch (tail.tail()) {
                    case WalTail.Incomplete incomplete -> footer(sequence, key, incomplete.tailBytes());
                    case WalTail.Complete complete -> named(complete.footer(), tail.header(), sequence, key);
                };
        });
    }

    /** @param header of an object that was read whole */
    private record ParsedTail(WalTail tail, @Nullable WalHeader header) {}

    private ParsedTail parsed(ObjectTail tail, String key) {
        boolean whole = tail.bytes().remaining() == tail.objectSize();
        WalTail end = reader.parseTail(tail.bytes(), tail.objectSize(), key);
        return new ParsedTail(end, whole ? reader.parseHeader(tail.bytes(), key) : null);
    }

    private CompletableFuture<Outcome<WalFooter>> named(
            WalFooter footer, @Nullable WalHeader header, long sequence, String key) {
        try {
            footer.header().requireKey(new WalKey(stream, sequence), key);
            if (header != null) {
                sameHeader(header, footer, key);
            }
            return CompletableFuture.completedFuture(new Outcome.Good<>(footer));
        } catch (CorruptObjectException another) {
            return CompletableFuture.completedFuture(new Outcome.Bad<>(String.valueOf(another.getMessage())));
        }
    }

    private static void sameHeader(WalHeader header, WalFooter footer, String key) {
        if (!header.equals(footer.header())) {
            throw new CorruptObjectException("WAL header and footer are of different objects", key, 0)
                    .expected(header, footer.header());
        }
    }

    private WalFooter verified(ByteBuffer bytes, long sequence, String key) {
        WalFooter footer = reader.parse(bytes, key);
        footer.header().requireKey(new WalKey(stream, sequence), key);
        if (footer instanceof WalData data) {
            for (WalChunk chunk : data.chunks()) {
                for (RecordBatchView batch : RecordBatches.of(chunk.bytesIn(bytes), key, chunk.position())) {
                    if (!batch.crcMatches()) {
                        throw new CorruptObjectException(
                                        "record batch does not match its checksum",
                                        key,
                                        chunk.position() + batch.position())
                                .with("batch", batch);
                    }
                }
            }
        }
        return footer;
    }

    private void seen(long sequence, Outcome<WalFooter> outcome, boolean keep) {
        switch (outcome) {
            case Outcome.Gone<WalFooter> _ -> {
                // Whether it may be is seen when all positions are known.
            }
            case Outcome.Bad<WalFooter>(String why) -> unreadable.add(new Unreadable(sequence, why));
            case Outcome.Good<WalFooter>(WalFooter footer) -> note(sequence, footer, keep);
        }
    }

    private void note(long sequence, WalFooter footer, boolean keep) {
        WalHeader header = footer.header();
        facts.trimPosition = Math.max(facts.trimPosition, header.trimPosition());
        facts.commitPosition = Math.max(facts.commitPosition, header.commitPosition());
        headers.put(sequence, header);
        if (footer instanceof WalGenesis genesis) {
            facts.genesis = genesis;
        }
        if (footer instanceof WalData data) {
            for (WalChunk chunk : data.chunks()) {
                if (keep) {
                    contents.add(sequence, chunk);
                }
                for (WalBatch batch : chunk.batches()) {
                    facts.greatestProducerId = Math.max(facts.greatestProducerId, batch.producerId());
                }
            }
        }
    }

    /** Now that all positions are known: where the stream ends, what has to be there, and what is not. */
    private CompletableFuture<Void> judge() {
        for (WalHeader header : headers.values()) {
            if (header.kind() == WalHeader.Kind.SEAL && header.sequence() >= facts.commitPosition) {
                facts.seal = header.sequence();
                break;
            }
        }
        if (facts.seal >= 0) {
            contents.endAt(facts.seal);
        }
        unreadable.forEach(this::reportUnreadable);
        headers.values().stream()
                .filter(header -> header.kind() == WalHeader.Kind.SEAL
                        && header.sequence() < facts.commitPosition
                        && header.sequence() >= facts.trimPosition)
                .forEach(seal -> report(seal.sequence(), "a seal lies where an object was acknowledged"));
        List<Long> missing = missing();
        return missing.isEmpty() ? CompletableFuture.completedFuture(null) : confirm(missing);
    }

    private List<Long> missing() {
        var missing = new ArrayList<Long>();
        long end = Math.max(facts.commitPosition, facts.seal);
        for (long sequence = facts.trimPosition; sequence < end; sequence++) {
            long at = sequence;
            if (!headers.containsKey(at) && unreadable.stream().noneMatch(bad -> bad.sequence() == at)) {
                missing.add(at);
            }
        }
        return missing;
    }

    /** A listing of several pages is no snapshot, and the stream may have been trimmed since: look at both again. */
    private CompletableFuture<Void> confirm(List<Long> missing) {
        var present = new TreeMap<Long, Long>();
        return new ObjectWalk(context.objects(), context.loop())
                .each(context.layout().walPrefix(stream), "", object -> {
                    context.layout()
                            .parseWalKey(object.key())
                            .ifPresent(key -> present.put(key.sequence(), object.size()));
                    return null;
                })
                .thenCompose(_ -> present.isEmpty()
                        ? CompletableFuture.<Outcome<WalFooter>>completedFuture(new Outcome.Gone<>())
                        : read(present.lastKey(), present.lastEntry().getValue()))
                .thenAccept(newest -> {
                    long trimmed = newest instanceof Outcome.Good<WalFooter>(WalFooter footer)
                            ? footer.header().trimPosition()
                            : facts.trimPosition;
                    missing.stream()
                            .filter(sequence -> sequence >= trimmed && !present.containsKey(sequence))
                            .forEach(sequence -> report(sequence, "an acknowledged WAL object is missing"));
                });
    }

    private void reportUnreadable(Unreadable bad) {
        boolean counts = bad.sequence() >= facts.trimPosition && (facts.seal < 0 || bad.sequence() <= facts.seal);
        if (counts) {
            report(bad.sequence(), bad.why());
        } else {
            suspects.add(Finding.warning(Kind.UNREADABLE_OBJECT, bad.why())
                    .at(context.layout().walKey(stream, bad.sequence()))
                    .so(
                            "Nobody needs it: it lies outside of what the stream holds.",
                            "Nothing; it is deleted in time."));
        }
    }

    private void report(long sequence, String what) {
        suspects.suspect(now -> {
            Finding found = Finding.damage(Kind.UNREADABLE_OBJECT, what)
                    .at(context.layout().walKey(stream, sequence))
                    .so(
                            "Its records are lost unless segments hold them; partitions that need it stay closed.",
                            "Put an intact copy back (a version of the bucket, a backup) under the same key.");
            if (isNeeded(now, stream)) {
                return Optional.of(found);
            }
            return isOver(now, stream)
                    ? Optional.empty()
                    : Optional.of(found.as(Severity.WARNING)
                            .so("No tenure names the stream: nothing is lost.", "Nothing; it is deleted in time."));
        });
    }

    /** Whether a partition relies on the stream. */
    static boolean isNeeded(StoredNamespace now, StreamId stream) {
        return stream.brokerEpoch() > 0
                && now.namedStreams().contains(new BrokerIncarnation(stream.brokerId(), stream.brokerEpoch()));
    }

    /** Whether its objects are deleted, or about to be. */
    static boolean isOver(StoredNamespace now, StreamId stream) {
        Versioned<StreamRecord> record = recordOf(now, stream);
        return record == null
                ? isForgotten(now, stream)
                : (record.value().state() == StreamRecord.State.SEALED
                        || record.value().state() == StreamRecord.State.COLLECTED);
    }

    /** Whether its objects were deleted, and its record since. */
    static boolean isForgotten(StoredNamespace now, StreamId stream) {
        return stream.brokerEpoch() > 0
                && now.isForgotten(new BrokerIncarnation(stream.brokerId(), stream.brokerEpoch()));
    }

    static @Nullable Versioned<StreamRecord> recordOf(StoredNamespace now, StreamId stream) {
        return stream.brokerEpoch() <= 0
                ? null
                : now.streams().get(new BrokerIncarnation(stream.brokerId(), stream.brokerEpoch()));
    }
}
