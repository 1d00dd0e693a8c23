package io.kafscale.metastore.cluster;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts the history of a metadata store that does not do so by itself: of all brokers the one that holds a small leased key, once
 * a minute, up to what was current {@link #KEPT} ago. Who loses the lease stops and forgets what it knew. Two that both believe to
 * hold it do no harm, since each keeps as much. Methods are thread-safe; everything runs on the loop of the access.
 *
 * <p>The time is longer than etcd takes (ten to eleven minutes) to tell a watch under whose prefix nothing changes how far it is, so
 * that such a watch, too, finds the revisions it needs when its connection breaks.
 */
public final class HistoryCompactor {
    /** How much history stays. */
    public static final Duration KEPT = Duration.ofMinutes(15);

    static final Duration TURN = Duration.ofMinutes(1);
    static final Duration TIME_TO_LIVE = Duration.ofSeconds(30);
    private static final Logger LOG = LoggerFactory.getLogger(HistoryCompactor.class);

    /** The store's revision at a moment of the monotonic clock. */
    private record Sample(long atNanos, long revision) {}

    private final MetadataAccess access;
    private final int brokerId;
    private final String key;
    private final SettledCommits commits;
    private final OnLoop onLoop;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private @Nullable Lease held;
    private EventLoop.@Nullable Timer next;
    private long compacted;
    private boolean stopped;

    /** A compactor that does nothing yet, for the access' store. */
    public HistoryCompactor(MetadataAccess access, int brokerId) {
        this.access = access;
        this.brokerId = brokerId;
        this.key = access.keys().historyCompactor();
        this.commits = new SettledCommits(access);
        this.onLoop = new OnLoop(access.loop());
    }

    /** Begins to look whether somebody compacts, and to do it if nobody does. Once. */
    public void start() {
        access.loop().execute(this::turn);
    }

    /** Ends it; completes when the key is given up, or cannot be, in which case it runs out. */
    public CompletableFuture<Void> stop() {
        return onLoop.run(() -> {
            stopped = true;
            samples.clear();
            if (next != null) {
                next.cancel();
            }
            if (held == null) {
                return CompletableFuture.completedFuture(null);
            }
            Lease ending = held;
            held = null;
            return onLoop.hop(ending.revoke()).exceptionally(failure -> {
                LOG.debug("The lease of the history compactor runs out by itself", failure);
                return null;
            });
        });
    }

    private void turn() {
        if (stopped) {
            return;
        }
        CompletableFuture<Void> work;
        try {
            work = onLoop.hop(access.store().range(key)).thenCompose(this::act);
        } catch (RuntimeException failure) {
            work = CompletableFuture.failedFuture(failure);
        }
        onLoop.hop(work).whenComplete((done, failure) -> {
            if (failure != null && !stopped) {
                report(OnLoop.unwrap(failure));
            }
            if (!stopped) {
                next = access.loop().schedule(TURN, this::turn);
            }
        });
    }

    private void report(Throwable failure) {
        if (failure instanceof MetadataException known && known.kind() == Kind.CLOSED) {
            stopped = true;
        } else if (failure instanceof MetadataException known && known.kind() == Kind.DENIED) {
            LOG.warn(
                    "The metadata store does not let us compact its history, which grows until somebody does [store={}]",
                    access.store().describe(),
                    failure);
        } else {
            LOG.info("History was not compacted this time, the next attempt is in a minute: {}", failure.toString());
        }
    }

    private CompletableFuture<Void> act(RangeResult read) {
        if (stopped) {
            return CompletableFuture.completedFuture(null);
        }
        if (held != null && !isMine(read, held)) {
            LOG.info("Another broker compacts history from now on, or nobody [broker={}]", brokerId);
            giveUp(held);
        }
        if (held != null) {
            return compact(read.revision());
        }
        return read.keys().isEmpty() ? take() : CompletableFuture.completedFuture(null);
    }

    private static boolean isMine(RangeResult read, Lease lease) {
        return read.keys().size() == 1 && read.keys().getFirst().leaseId() == lease.id();
    }

    private CompletableFuture<Void> compact(long current) {
        long now = access.loop().time().nanoTime();
        samples.addLast(new Sample(now, current));
        long due = compacted;
        while (now - samples.getFirst().atNanos() >= KEPT.toNanos()) {
            due = samples.removeFirst().revision();
        }
        if (due == compacted) {
            return CompletableFuture.completedFuture(null);
        }
        long revision = due;
        return onLoop.hop(access.store().compact(revision)).thenRun(() -> {
            compacted = revision;
            LOG.debug("Compacted history [revision={}, current={}]", revision, current);
        });
    }

    private CompletableFuture<Void> take() {
        return onLoop.hop(access.store().grantLease(TIME_TO_LIVE)).thenCompose(lease -> {
            String nonce = access.nonce();
            Transaction claim = Transaction.builder()
                    .requireAbsent(key)
                    .put(key, RecordJson.encodeCompactor(brokerId, nonce), lease.id())
                    .build();
            return commits.commit(claim).handle((answer, failure) -> {
                if (failure == null && answer instanceof CommitResult.Committed && !stopped) {
                    taken(lease);
                } else {
                    endUnused(lease);
                }
                return null;
            });
        });
    }

    private void taken(Lease lease) {
        LOG.info("Compacting the history of the metadata store from now on [broker={}]", brokerId);
        held = lease;
        onLoop.hop(lease.lost()).thenRun(() -> {
            if (lease.equals(held)) {
                LOG.info("The lease of the history compactor was lost [broker={}]", brokerId);
                giveUp(lease);
            }
        });
    }

    /** History that others may have kept is none of ours: another tenure begins with no knowledge. */
    private void giveUp(Lease lease) {
        held = null;
        samples.clear();
        if (!lease.lost().isDone()) {
            endUnused(lease);
        }
    }

    private static void endUnused(Lease lease) {
        lease.revoke().whenComplete((done, failure) -> {
            if (failure != null) {
                LOG.debug("An unused lease runs out by itself [lease={}]", lease.id(), failure);
            }
        });
    }
}
