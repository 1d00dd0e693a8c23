package io.kafscale.log.wal;

import io.kafscale.format.wal.WalData;
import java.time.Duration;

/**
 * What metrics say of an acknowledged WAL object. Immutable; any thread.
 *
 * @param sequence its place in the stream
 * @param bytes size of the object
 * @param chunks partitions that had data in it
 * @param attempts PUTs it took, hedges included
 * @param latency from the first attempt until it was acknowledged
 * @param trimPosition everything before this sequence may be deleted
 */
public record CommittedObject(long sequence, int bytes, int chunks, int attempts, Duration latency, long trimPosition) {

    static CommittedObject of(WalUpload upload, WalData data, long nowNanos) {
        return new CommittedObject(
                upload.sequence(),
                upload.object().length(),
                data.chunks().size(),
                upload.attempts(),
                Duration.ofNanos(nowNanos - upload.firstSentNanos()),
                data.header().trimPosition());
    }
}
