package io.kafscale.metastore.embedded;

import io.kafscale.metastore.WatchListener.Change;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Leases, when they end, and the keys that go with them. On the server's loop. */
final class LeaseTable {
    /** One lease. */
    static final class Entry {
        private final long id;
        private final long ttlNanos;
        private final Runnable onExpired;
        private final Set<String> keys = new TreeSet<>(Utf8Order.INSTANCE);
        private long deadlineNanos;

        Entry(long id, long ttlNanos, long nowNanos, Runnable onExpired) {
            this.id = id;
            this.ttlNanos = ttlNanos;
            this.onExpired = onExpired;
            this.deadlineNanos = nowNanos + ttlNanos;
        }

        long id() {
            return id;
        }

        void renew(long nowNanos) {
            deadlineNanos = nowNanos + ttlNanos;
        }

        /** Nanoseconds until it ends, negative if it should have. */
        long leftNanos(long nowNanos) {
            return deadlineNanos - nowNanos;
        }

        Set<String> keys() {
            return keys;
        }

        Runnable onExpired() {
            return onExpired;
        }
    }

    private final Map<Long, Entry> leases = new HashMap<>();
    private final Map<String, Long> leaseOfKey = new HashMap<>();
    private long lastId;

    /** A table that gives out ids above {@code lastId}. */
    LeaseTable(long lastId) {
        this.lastId = lastId;
    }

    Entry grant(long ttlNanos, long nowNanos, Runnable onExpired) {
        var lease = new Entry(++lastId, ttlNanos, nowNanos, onExpired);
        leases.put(lease.id(), lease);
        return lease;
    }

    Optional<Entry> get(long id) {
        return Optional.ofNullable(leases.get(id));
    }

    /** Forgets a lease; its keys are the caller's to delete. */
    void remove(Entry lease) {
        leases.remove(lease.id());
        lease.keys().forEach(leaseOfKey::remove);
    }

    /** Follows what a revision did to attachments: a key belongs to the lease of its last put. */
    void apply(List<Change> changes) {
        for (Change change : changes) {
            detach(change.key());
            if (change instanceof Change.Put put) {
                attach(put.key(), put.now().leaseId());
            }
        }
    }

    private void detach(String key) {
        Long id = leaseOfKey.remove(key);
        Entry lease = id == null ? null : leases.get(id);
        if (lease != null) {
            lease.keys().remove(key);
        }
    }

    private void attach(String key, long id) {
        Entry lease = leases.get(id);
        if (lease != null) {
            lease.keys().add(key);
            leaseOfKey.put(key, id);
        }
    }
}
