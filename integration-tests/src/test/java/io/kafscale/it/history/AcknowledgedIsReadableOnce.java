package io.kafscale.it.history;

import io.kafscale.it.history.Event.Acked;
import io.kafscale.it.history.Event.AckedBy;
import io.kafscale.it.history.Event.Read;
import io.kafscale.it.history.Event.Sent;
import java.util.HashMap;
import java.util.Map;

/**
 * What was acknowledged is read in the end, at the offset that was acknowledged. No record is at two offsets, and nothing is read that
 * was not sent.
 */
final class AcknowledgedIsReadableOnce implements Rule {
    private static final class Records {
        private final LongTable acked = new LongTable();
        private final LongTable read = new LongTable();
        private long sent;
    }

    private final Map<Source, Records> bySource = new HashMap<>();

    @Override
    public void observe(Entry entry, Verdict verdict) {
        switch (entry.event()) {
            case Sent sent -> of(sent.source()).sent = sent.number() + 1;
            case Acked acked -> acked(acked.source(), acked.number(), acked.offset(), verdict);
            case AckedBy acked -> acked(acked.source(), acked.number(), acked.offset(), verdict);
            case Read read -> read(read, verdict);
            default -> {}
        }
    }

    private Records of(Source source) {
        return bySource.computeIfAbsent(source, _ -> new Records());
    }

    private void acked(Source source, long number, long offset, Verdict verdict) {
        Records records = of(source);
        if (records.acked.contains(number)) {
            verdict.violated(
                    source.partition(),
                    "%s %d was acknowledged at %d and at %d"
                            .formatted(source, number, records.acked.get(number), offset));
        }
        records.acked.put(number, offset);
        if (records.read.contains(number) && records.read.get(number) != offset) {
            verdict.violated(
                    source.partition(),
                    "%s %d was acknowledged at %d, and is at %d"
                            .formatted(source, number, offset, records.read.get(number)));
        }
    }

    private void read(Read read, Verdict verdict) {
        Records records = of(read.source());
        long number = read.number();
        if (number >= records.sent) {
            verdict.violated(read.source().partition(), read + " was never sent");
        }
        if (records.read.contains(number) && records.read.get(number) != read.offset()) {
            verdict.violated(
                    read.source().partition(),
                    "%s %d is at %d and at %d"
                            .formatted(read.source(), number, records.read.get(number), read.offset()));
        }
        if (records.acked.contains(number) && records.acked.get(number) != read.offset()) {
            verdict.violated(
                    read.source().partition(),
                    "%s %d was acknowledged at %d, and is at %d"
                            .formatted(read.source(), number, records.acked.get(number), read.offset()));
        }
        records.read.put(number, read.offset());
    }

    @Override
    public void finish(Verdict verdict) {
        bySource.forEach((source, records) -> {
            int[] lost = records.acked
                    .indexes()
                    .filter(number -> !records.read.contains(number))
                    .toArray();
            if (lost.length > 0) {
                verdict.violated(
                        source.partition(),
                        "%d records of %s are lost, acknowledged and not read: the first is %d, at %d"
                                .formatted(lost.length, source, lost[0], records.acked.get(lost[0])));
            }
        });
    }
}
