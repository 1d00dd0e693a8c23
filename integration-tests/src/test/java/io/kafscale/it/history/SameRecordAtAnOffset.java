package io.kafscale.it.history;

import io.kafscale.it.history.Event.Read;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Whoever reads an offset, whenever, gets the same record, of the same leader epoch. */
final class SameRecordAtAnOffset implements Rule {
    private static final int HALF = 32;

    private final Map<Integer, LongTable> partitions = new HashMap<>();

    @Override
    public void observe(Entry entry, Verdict verdict) {
        if (!(entry.event() instanceof Read read)) {
            return;
        }
        LongTable log = partitions.computeIfAbsent(read.source().partition(), _ -> new LongTable());
        long identity = ((long) read.content() << HALF)
                ^ Integer.toUnsignedLong(Objects.hash(read.source(), read.number(), read.leaderEpoch()));
        if (log.contains(read.offset()) && log.get(read.offset()) != identity) {
            verdict.violated(
                    read.source().partition(), read + " is another record than the one that was read there before");
        }
        log.put(read.offset(), identity);
    }
}
