package io.kafscale.log.wal;

import io.kafscale.format.StreamId;

/**
 * A stream that has ended for good: no object at or behind the seal counts, whatever may still land there. Immutable; any thread.
 *
 * @param sealSequence where the stream ends; every object between the trim position and this was found
 * @param trimPosition everything before this has been covered and may be missing
 */
public record SealedStream(StreamId stream, long sealSequence, long trimPosition) {}
