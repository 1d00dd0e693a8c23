package io.kafscale.metastore.embedded;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.WatchListener;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/** One user of the embedded store: owns its watches and keeps its leases alive until it is closed. Thread-safe. */
final class EmbeddedClient implements MetadataStore {
    private final EmbeddedServer server;
    private final String description;
    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    EmbeddedClient(EmbeddedServer server, String description) {
        this.server = server;
        this.description = description;
    }

    @Override
    public CompletableFuture<Optional<KeyValue>> get(String key) {
        return call(result -> server.get(key, result));
    }

    @Override
    public CompletableFuture<RangeResult> range(String prefix) {
        return call(result -> server.range(prefix, result));
    }

    @Override
    public CompletableFuture<CommitResult> commit(Transaction transaction) {
        transaction.expected().keySet().forEach(EmbeddedClient::checkKey);
        transaction.writes().forEach(write -> checkKey(write.key()));
        return call(result -> server.commit(transaction, result));
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        if (closed) {
            throw closedFailure();
        }
        if (fromRevision < 1) {
            throw new IllegalArgumentException("revisions begin with 1, there is no " + fromRevision);
        }
        Watch running = server.watch(prefix, fromRevision, listener);
        Watch mine = new Watch() {
            @Override
            public void close() {
                watches.remove(this);
                running.close();
            }
        };
        watches.add(mine);
        return mine;
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration timeToLive) {
        if (!timeToLive.isPositive()) {
            throw new IllegalArgumentException("a lease lives for a positive time, not " + timeToLive);
        }
        long sentNanos = server.loop().time().nanoTime();
        return call(result -> {
            var lease = new KeptLease(timeToLive, sentNanos);
            lease.start();
            result.complete(lease);
        });
    }

    @Override
    public CompletableFuture<Void> compact(long revision) {
        return call(result -> {
            server.compact(revision);
            result.complete(null);
        });
    }

    @Override
    public String describe() {
        return description;
    }

    /** Ends watches and keep-alives: leases run out after their time to live. */
    @Override
    public void close() {
        closed = true;
        watches.forEach(Watch::close);
    }

    private <T> CompletableFuture<T> call(Consumer<CompletableFuture<T>> task) {
        return closed ? CompletableFuture.failedFuture(closedFailure()) : server.call(task);
    }

    private static MetadataException closedFailure() {
        return new MetadataException(Kind.CLOSED, "the metadata store was closed");
    }

    private static void checkKey(String key) {
        if (key.isEmpty() || !Utf8Order.encodable(key)) {
            throw new IllegalArgumentException("a key is not empty and has a UTF-8 form");
        }
    }

    /** A lease, renewed as {@link Lease#renewal} says. */
    private final class KeptLease implements Lease {
        private final Duration interval;
        private final Duration timeToLive;
        private final CompletableFuture<Void> lost = new CompletableFuture<>();
        private volatile long confirmedAtNanos;
        private volatile long id;
        private volatile boolean released;

        KeptLease(Duration timeToLive, long sentNanos) {
            this.timeToLive = timeToLive;
            this.interval = Lease.renewal(timeToLive);
            this.confirmedAtNanos = sentNanos;
        }

        void start() {
            id = server.grant(timeToLive, () -> lost.complete(null)).id();
            renewLater();
        }

        private void renewLater() {
            EventLoop loop = server.loop();
            loop.schedule(interval, () -> {
                if (closed || released) {
                    return;
                }
                long now = loop.time().nanoTime();
                if (server.renew(id)) {
                    confirmedAtNanos = now;
                    renewLater();
                }
            });
        }

        @Override
        public long id() {
            return id;
        }

        @Override
        public long confirmedAtNanos() {
            return confirmedAtNanos;
        }

        @Override
        public CompletableFuture<Void> lost() {
            return lost;
        }

        @Override
        public void letRunOut() {
            released = true;
        }

        @Override
        public CompletableFuture<Void> revoke() {
            released = true;
            return call(result -> server.revoke(id, result));
        }
    }
}
