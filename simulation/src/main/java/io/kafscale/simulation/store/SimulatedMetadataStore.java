package io.kafscale.simulation.store;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.WatchListener;
import io.kafscale.metastore.embedded.EmbeddedMetadataStore;
import io.kafscale.simulation.World;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.LongConsumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * One process's connection to the metadata store, and everything that can go wrong on it: requests and answers take their time and
 * get lost, commits are applied long after their sender was told that nothing is known of them, or arrive twice. While it is cut off
 * nothing gets through, its watches hear nothing and its leases are not kept alive.
 *
 * <p>Confined to the simulation's one thread; futures complete on the world's loop.
 */
public final class SimulatedMetadataStore implements MetadataStore {
    /** What becomes of a commit. */
    private enum CommitFate {
        /** It is refused and not applied. */
        REFUSED,
        /** It never arrives; the client learns nothing. */
        REQUEST_LOST,
        /** It is applied; the client learns nothing. */
        ANSWER_LOST,
        /** The client learns nothing, and then it is applied. */
        APPLIED_LATE,
        /** It is answered, and arrives once more. */
        ARRIVES_TWICE,
        /** It is applied and answered. */
        PROMPT
    }

    private static final CommitFate[] TROUBLE =
            EnumSet.complementOf(EnumSet.of(CommitFate.PROMPT)).toArray(CommitFate[]::new);

    private final World world;
    private final EmbeddedMetadataStore server;
    private final MetadataSettings settings;
    private final RandomGenerator random;
    private final String client;
    private final List<KeptLease> leases = new ArrayList<>();
    private final List<FollowedPrefix> watches = new ArrayList<>();
    private Function<Transaction, LongConsumer> onCommit = _ -> _ -> {};
    private boolean rough;
    private boolean cutOff;
    private boolean dead;

    /**
     * A connection.
     *
     * @param client the process, for the trace
     */
    public SimulatedMetadataStore(
            World world,
            EmbeddedMetadataStore server,
            MetadataSettings settings,
            RandomGenerator random,
            String client) {
        this.world = world;
        this.server = server;
        this.settings = settings;
        this.random = random;
        this.client = client;
    }

    /** Asks {@code listener} at each commit that is sent whom to tell the revision when it is applied, whoever hears of that. */
    public void whenCommitting(Function<Transaction, LongConsumer> listener) {
        onCommit = listener;
    }

    /** Whether something happens to a share of the requests from now on. */
    public void setRough(boolean now) {
        rough = now;
    }

    /** The connection breaks: whatever is asked from now on gets no answer, and no lease is kept. */
    public void cutOff() {
        fault("cut off from the metadata store");
        cutOff = true;
        watches.forEach(FollowedPrefix::pause);
        leases.forEach(lease -> lease.keeper.close());
    }

    /** The connection is there again. */
    public void reconnect() {
        fault("can reach the metadata store again");
        cutOff = false;
        watches.forEach(FollowedPrefix::resume);
        leases.forEach(KeptLease::tellIfLost);
    }

    /** Its leases are not kept alive any more, though everything else gets through: they run out. */
    public void starveLeases() {
        fault("its leases are not kept alive any more");
        leases.forEach(lease -> lease.keeper.close());
    }

    /** Whether the connection is broken. */
    public boolean isCutOff() {
        return cutOff;
    }

    /**
     * The process is gone.
     *
     * @param leasesEndNow whether its leases end with it, as in a store inside of the process, instead of running out
     */
    public void die(boolean leasesEndNow) {
        dead = true;
        watches.forEach(FollowedPrefix::pause);
        for (KeptLease lease : leases) {
            if (leasesEndNow) {
                lease.real.revoke();
            }
            lease.keeper.close();
        }
    }

    @Override
    public CompletableFuture<Optional<KeyValue>> get(String key) {
        return read("get " + key, () -> server.get(key));
    }

    @Override
    public CompletableFuture<RangeResult> range(String prefix) {
        return read("range " + prefix, () -> server.range(prefix));
    }

    private <T> CompletableFuture<T> read(String what, Supplier<CompletableFuture<T>> call) {
        var answer = new CompletableFuture<T>();
        if (cutOff) {
            fault(what + " -> no answer");
            later(timeout(), () -> fail(answer, Kind.UNAVAILABLE));
        } else if (happens(settings.trouble() / 2)) {
            fault(what + " -> fails");
            later(latency(), () -> fail(answer, Kind.UNAVAILABLE));
        } else {
            later(
                    latency(),
                    () -> call.get()
                            .whenComplete((value, failure) -> later(latency(), () -> settle(answer, value, failure))));
        }
        return answer;
    }

    @Override
    public CompletableFuture<CommitResult> commit(Transaction transaction) {
        var answer = new CompletableFuture<CommitResult>();
        LongConsumer applied = onCommit.apply(transaction);
        CommitFate fate = cutOff
                ? CommitFate.REQUEST_LOST
                : happens(settings.trouble()) ? TROUBLE[random.nextInt(TROUBLE.length)] : CommitFate.PROMPT;
        String what = "commit " + transaction.writes().getFirst().key();
        if (fate == CommitFate.PROMPT) {
            trace(what);
        } else {
            fault(what + " -> " + fate);
        }
        switch (fate) {
            case REFUSED -> later(latency(), () -> fail(answer, Kind.UNAVAILABLE));
            case REQUEST_LOST -> later(timeout(), () -> fail(answer, Kind.OUTCOME_UNKNOWN));
            case ANSWER_LOST -> {
                later(latency(), () -> apply(transaction, applied));
                later(timeout(), () -> fail(answer, Kind.OUTCOME_UNKNOWN));
            }
            case APPLIED_LATE -> {
                later(latency(), () -> fail(answer, Kind.OUTCOME_UNKNOWN));
                later(timeout().plus(timeout()), () -> apply(transaction, applied));
            }
            case ARRIVES_TWICE, PROMPT -> {
                later(
                        latency(),
                        () -> apply(transaction, applied)
                                .whenComplete(
                                        (result, failure) -> later(latency(), () -> settle(answer, result, failure))));
                if (fate == CommitFate.ARRIVES_TWICE) {
                    later(timeout().plus(timeout()), () -> apply(transaction, applied));
                }
            }
        }
        return answer;
    }

    private CompletableFuture<CommitResult> apply(Transaction transaction, LongConsumer applied) {
        return server.commit(transaction).whenComplete((result, failure) -> {
            if (result instanceof CommitResult.Committed committed) {
                applied.accept(committed.revision());
            }
        });
    }

    @Override
    public Watch watch(String prefix, long fromRevision, WatchListener listener) {
        var watch = new FollowedPrefix(prefix, fromRevision, listener);
        watches.add(watch);
        if (!cutOff) {
            watch.resume();
        }
        return watch;
    }

    @Override
    public CompletableFuture<Void> compact(long revision) {
        return read("compact " + revision, () -> server.compact(revision));
    }

    @Override
    public CompletableFuture<Lease> grantLease(Duration timeToLive) {
        var answer = new CompletableFuture<Lease>();
        if (cutOff) {
            later(timeout(), () -> fail(answer, Kind.OUTCOME_UNKNOWN));
            return answer;
        }
        MetadataStore keeper = server.client();
        later(
                latency(),
                () -> keeper.grantLease(timeToLive).whenComplete((real, failure) -> {
                    if (dead || cutOff) {
                        keeper.close();
                        fail(answer, Kind.OUTCOME_UNKNOWN);
                        return;
                    }
                    var lease = new KeptLease(keeper, real);
                    leases.add(lease);
                    later(latency(), () -> settle(answer, lease, failure));
                }));
        return answer;
    }

    @Override
    public String describe() {
        return "simulated";
    }

    @Override
    public void close() {
        trace("closes its metadata store");
        List.copyOf(watches).forEach(FollowedPrefix::close);
        leases.forEach(lease -> lease.keeper.close());
    }

    private boolean happens(double probability) {
        return rough && random.nextDouble() < probability;
    }

    private Duration latency() {
        return World.skewed(settings.latency().dividedBy(2), random);
    }

    private Duration timeout() {
        return World.between(settings.timeout().dividedBy(2), settings.timeout(), random);
    }

    private void later(Duration delay, Runnable step) {
        world.after(delay, step);
    }

    private <T> void settle(CompletableFuture<T> answer, T value, @Nullable Throwable failure) {
        if (dead) {
            return;
        }
        if (cutOff) {
            later(timeout(), () -> fail(answer, Kind.OUTCOME_UNKNOWN));
        } else if (failure != null) {
            answer.completeExceptionally(failure);
        } else {
            answer.complete(value);
        }
    }

    private void fail(CompletableFuture<?> answer, Kind kind) {
        if (!dead) {
            answer.completeExceptionally(new MetadataException(kind, "no answer"));
        }
    }

    private void trace(String what) {
        world.trace().add(client, what);
    }

    private void fault(String what) {
        world.trace().fault(client, what);
    }

    /** A lease with the bad news of it as late as the connection brings them. */
    private final class KeptLease implements Lease {
        private final MetadataStore keeper;
        private final Lease real;
        private final CompletableFuture<Void> lost = new CompletableFuture<>();

        KeptLease(MetadataStore keeper, Lease real) {
            this.keeper = keeper;
            this.real = real;
            real.lost().thenRun(this::tellIfLost);
        }

        void tellIfLost() {
            if (real.lost().isDone() && !dead && !cutOff && !lost.isDone()) {
                trace("hears that lease " + real.id() + " is lost");
                lost.complete(null);
            }
        }

        @Override
        public long id() {
            return real.id();
        }

        @Override
        public long confirmedAtNanos() {
            return real.confirmedAtNanos();
        }

        @Override
        public CompletableFuture<Void> lost() {
            return lost;
        }

        @Override
        public void letRunOut() {
            real.letRunOut();
        }

        @Override
        public CompletableFuture<Void> revoke() {
            var answer = new CompletableFuture<Void>();
            if (cutOff) {
                later(timeout(), () -> fail(answer, Kind.UNAVAILABLE));
            } else {
                later(
                        latency(),
                        () -> real.revoke().whenComplete((done, failure) -> {
                            // The keeper may have been closed by a cut: then the lease runs out.
                            later(latency(), () -> {
                                if (failure != null || cutOff) {
                                    fail(answer, Kind.UNAVAILABLE);
                                } else if (!dead) {
                                    answer.complete(null);
                                }
                            });
                        }));
            }
            return answer;
        }
    }

    /** A watch whose reports come one after the other, late, and none while it is cut off. */
    private final class FollowedPrefix implements Watch, WatchListener {
        private final String prefix;
        private final WatchListener listener;
        private long nextRevision;
        private long lastReportNanos;
        private int generation;
        private Optional<Watch> running = Optional.empty();

        FollowedPrefix(String prefix, long fromRevision, WatchListener listener) {
            this.prefix = prefix;
            this.nextRevision = fromRevision;
            this.listener = listener;
        }

        void resume() {
            running = Optional.of(server.watch(prefix, nextRevision, this));
        }

        void pause() {
            generation++;
            running.ifPresent(Watch::close);
            running = Optional.empty();
        }

        @Override
        public void onChanges(long revision, List<Change> changes) {
            inOrder(() -> {
                nextRevision = revision + 1;
                listener.onChanges(revision, changes);
            });
        }

        @Override
        public void onCompacted() {
            inOrder(listener::onCompacted);
        }

        private void inOrder(Runnable report) {
            int mine = generation;
            long due = Math.max(lastReportNanos, world.nowNanos() + latency().toNanos());
            lastReportNanos = due;
            later(Duration.ofNanos(due - world.nowNanos()), () -> {
                if (mine == generation) {
                    report.run();
                }
            });
        }

        @Override
        public void close() {
            pause();
            watches.remove(this);
        }
    }
}
