package io.kafscale.log.check;

import java.util.concurrent.atomic.AtomicLong;

/** How far a check has come. Written by its loop; read by any thread, for display. */
public final class CheckProgress {
    final AtomicLong objects = new AtomicLong();
    final AtomicLong bytes = new AtomicLong();
    final AtomicLong streams = new AtomicLong();
    final AtomicLong segments = new AtomicLong();
    final AtomicLong partitions = new AtomicLong();
    final AtomicLong bytesRead = new AtomicLong();
    private volatile String step = "reading metadata";

    void step(String now) {
        step = now;
    }

    /** What is being done and how much was seen, in a few words. */
    public String describe() {
        return step + ": " + objects.get() + " objects, " + segments.get() + " segments, " + streams.get()
                + " streams, " + (bytesRead.get() >> 20) + " MiB read";
    }
}
