package io.kafscale.broker.fetch;

import io.kafscale.log.FetchQuery;
import java.util.HashMap;
import java.util.Map;

/**
 * The bytes of records in answers that have been read and not yet been sent. Readers that take no answer away must not fill the heap,
 * nor keep others from reading: each fetch gets at most a quarter of the room that is left, and when there is hardly any, one batch
 * goes to each connection that has nothing waiting, and nothing to the others. So the bound is {@code capacity} and one batch for each
 * connection. Thread-safe.
 */
final class UnsentAnswers {
    /** Below this, a fetch gets one batch or nothing. */
    private static final int LEAST_SHARE_BYTES = 64 << 10;

    private static final int SHARES_LEFT = 4;
    private static final int ONE_BATCH = 1;

    private final long capacity;
    private final Map<String, Long> byConnection = new HashMap<>();
    private long used;

    UnsentAnswers(long capacity) {
        this.capacity = capacity;
    }

    /** The part of one fetch; nothing yet. */
    Share share(String connectionId) {
        return new Share(connectionId);
    }

    synchronized long usedBytes() {
        return used;
    }

    private synchronized int grant(Share share, int wantedBytes) {
        change(share, 0);
        long most = Math.max(0, capacity - used) / SHARES_LEFT;
        int granted;
        if (wantedBytes <= most || most >= LEAST_SHARE_BYTES) {
            granted = (int) Math.min(wantedBytes, most);
        } else {
            granted = byConnection.containsKey(share.connectionId) ? 0 : ONE_BATCH;
        }
        change(share, granted);
        return granted;
    }

    private synchronized void change(Share share, long bytes) {
        if (share.released) {
            return;
        }
        long difference = bytes - share.bytes;
        share.bytes = bytes;
        used += difference;
        byConnection.compute(share.connectionId, (id, before) -> {
            long now = (before == null ? 0 : before) + difference;
            return now == 0 ? null : now;
        });
    }

    private synchronized void release(Share share) {
        change(share, 0);
        share.released = true;
    }

    /** What one fetch holds; its methods may be called by any thread. */
    final class Share implements FetchQuery.Room {
        private final String connectionId;
        private long bytes;
        private boolean released;
        private volatile boolean refused;

        private Share(String connectionId) {
            this.connectionId = connectionId;
        }

        @Override
        public int grant(int wantedBytes) {
            int granted = UnsentAnswers.this.grant(this, wantedBytes);
            refused = granted == 0;
            return granted;
        }

        /** Whether the last attempt to read was granted nothing. */
        boolean wasRefused() {
            return refused;
        }

        /** What was read in the end: less than was granted, or more where one batch is larger. */
        void settle(long actualBytes) {
            change(this, actualBytes);
        }

        /** The answer is sent, or will never be. */
        void release() {
            UnsentAnswers.this.release(this);
        }
    }
}
