package io.kafscale.log.engine;

import io.kafscale.log.AppendRequest;
import io.kafscale.log.AppendResult;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.partition.AwaitedSequences;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.log.wal.WalListener;
import io.kafscale.metastore.cluster.BrokerAvailability;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.Role;
import io.kafscale.metastore.cluster.StreamChangeResult;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of the log on one broker: start, lead whatever there is to lead, start over as a new incarnation when fenced, shut down.
 * {@link EngineLogService} is what request handlers see of it. {@link #start} and {@link #close} may be called from any thread; all
 * else belongs to the log loop.
 */
public final class LogEngine {
    private static final Logger LOG = LoggerFactory.getLogger(LogEngine.class);
    private static final Backoff RETRY = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));

    /** A session that is fenced sooner than this makes the next one wait, longer each time. */
    private static final Duration SHORT_LIFE = Duration.ofSeconds(30);

    /** How long a broker that was replaced may go on without knowing. */
    private static final Duration LONGEST_STALENESS = Duration.ofSeconds(3);

    /** How long a reader waits for that to be found out. */
    private static final Duration LONGEST_LOOK = Duration.ofSeconds(1);

    private final EngineContext context;
    private final BrokerEndpoint endpoint;
    private final ImageKeeper images;
    private final EngineStores stores;
    private final Chores chores;
    private final AwaitedSequences awaited;
    private final AvailabilityNotice availability;
    private final ReadyWaiters waiters = new ReadyWaiters(this::isSettled);
    private final List<CompletableFuture<Void>> draining = new ArrayList<>();

    /** Done once every partition there was at the start is served, or cannot be. */
    private final CompletableFuture<Void> serving = new CompletableFuture<>();

    private final List<Consumer<Optional<BrokerIncarnation>>> incarnationListeners = new ArrayList<>();
    private volatile @Nullable Work current;
    private int shortLives;
    private @Nullable LogException closed;
    private @Nullable CompletableFuture<Void> closing;

    /** A session and since when it has been one. */
    private record Work(Session session, long begunNanos) {}

    /**
     * An engine that has not started.
     *
     * @param images follows the metadata store on the log loop; started here, closed by its owner
     */
    public LogEngine(EngineContext context, BrokerEndpoint endpoint, ImageKeeper images) {
        this.context = context;
        this.endpoint = endpoint;
        this.images = images;
        this.stores = EngineStores.of(context);
        this.chores = new Chores(context, stores);
        this.awaited = new AwaitedSequences(context.loop().time());
        this.availability = new AvailabilityNotice(context);
    }

    /**
     * Starts: identity, incarnation, and every partition there is. Completes when all of them are served (or known to be damaged), by
     * this incarnation or, if it is fenced before, by one that follows; fails with {@link LogStartException}, whose message is for the
     * operator, or with the stores' exceptions. An engine whose start failed has given up its registration and is closed.
     *
     * @return the cluster this broker belongs to
     */
    public CompletableFuture<ClusterRecord> start() {
        var started = new CompletableFuture<ClusterRecord>();
        context.loop()
                .execute(() -> new ClusterIdentity(context)
                        .establish()
                        .thenCompose(identity -> images.start()
                                .thenCompose(_ -> {
                                    images.addListener(this::follow);
                                    return begin(identity);
                                })
                                .thenCompose(work -> {
                                    takeAll(work);
                                    return serving;
                                })
                                .thenApply(_ -> identity))
                        .whenComplete((identity, failure) -> {
                            if (failure == null) {
                                started.complete(identity);
                            } else {
                                Throwable cause = FutureFailure.cause(failure);
                                refuse(new LogException(Kind.CLOSED, "the log did not start", cause))
                                        .whenComplete((_, _) -> started.completeExceptionally(cause));
                            }
                        }));
        return started;
    }

    /** Tells, on the log loop, which incarnation this broker is, now and each time that changes; empty while it is none. */
    public void addIncarnationListener(Consumer<Optional<BrokerIncarnation>> listener) {
        context.loop().execute(() -> {
            incarnationListeners.add(listener);
            listener.accept(incarnation());
        });
    }

    /** Has {@code chore} done by one broker for all, as what this engine itself does so: it is told on the log loop when it is up to us. */
    public void addChore(Role.Listener chore) {
        context.loop().execute(() -> chores.add(chore));
    }

    private void become(@Nullable Work work) {
        current = work;
        incarnationListeners.forEach(listener -> listener.accept(incarnation()));
    }

    /** The operator's number of this broker. */
    public int brokerId() {
        return endpoint.brokerId();
    }

    /** Closes and seals the stream of an incarnation that is not registered, if nobody has done so yet. */
    public CompletableFuture<Void> seal(BrokerIncarnation dead) {
        return CompletableFuture.supplyAsync(() -> session().moves().close(dead), context.loop())
                .thenCompose(done -> done)
                .thenAccept(_ -> {});
    }

    /** One incarnation begins. Nobody calls this while another is there or on its way. */
    private CompletableFuture<Work> begin(ClusterRecord identity) {
        if (closed != null) {
            return CompletableFuture.failedFuture(closed);
        }
        var fate = new Fate(identity);
        return new IncarnationStart(context, stores, endpoint, identity)
                .start(fate)
                .thenCompose(begun -> {
                    var registration = new Registration(context, stores.brokers(), begun.registration(), fate::over);
                    var session = new Session(
                            context, begun.wal(), registration, stores, images, fate, this::leading, awaited);
                    LogException over = closed != null ? closed : fate.early;
                    if (over != null) {
                        return session.end(over).thenCompose(_ -> CompletableFuture.failedFuture(over));
                    }
                    var work = new Work(session, context.loop().time().nanoTime());
                    fate.work = work;
                    become(work);
                    availability.begun(session);
                    chores.begin(session);
                    LOG.info("Began to lead [broker={}, stream={}]", session.incarnation(), begun.wal().stream());
                    return CompletableFuture.completedFuture(work);
                });
    }

    /** What happens to one session, from before it is one. */
    private final class Fate implements WalListener, SessionListener {
        private final ClusterRecord identity;
        private @Nullable Work work;
        private @Nullable LogException early;

        Fate(ClusterRecord identity) {
            this.identity = identity;
        }

        @Override
        public void fenced(LogException cause) {
            over(cause);
        }

        @Override
        public void over(LogException cause) {
            if (work == null) {
                early = cause;
            } else {
                replace(work, identity, cause);
            }
        }

        @Override
        public void partitionsChanged() {
            waiters.look();
            lookWhetherDrained();
        }
    }

    /** A session is over: whatever it led is given up and taken back by the next incarnation. */
    private void replace(Work over, ClusterRecord identity, LogException cause) {
        if (current != over || closed != null) {
            return;
        }
        LOG.warn(
                "This broker was fenced and starts over as a new incarnation [broker={}]",
                over.session().incarnation(),
                cause);
        become(null);
        chores.end();
        long lived = context.loop().time().nanoTime() - over.begunNanos();
        shortLives = lived < SHORT_LIFE.toNanos() ? shortLives + 1 : 0;
        over.session().end(cause).thenRun(() -> {
            if (shortLives <= 1) {
                restart(identity, 0);
            } else {
                restartLater(identity, shortLives - 1);
            }
        });
    }

    private void restartLater(ClusterRecord identity, int attempt) {
        context.loop().schedule(RETRY.delay(attempt, context.random()), () -> restart(identity, attempt + 1));
    }

    /** Only ever one after the other: the next attempt is made when this one has failed, the next session when this one is over. */
    private void restart(ClusterRecord identity, int attempt) {
        begin(identity).whenComplete((work, failure) -> {
            if (failure == null) {
                takeAll(work);
            } else if (closed == null) {
                LOG.warn("Could not start a new incarnation yet [attempt={}]", attempt, FutureFailure.cause(failure));
                restartLater(identity, attempt);
            }
        });
    }

    /**
     * The first session that has taken all there is ends the start, as does one that could not; of a later one, what could not be
     * taken is tried again by the queue. A session that is over has taken nothing that counts.
     */
    private void takeAll(Work work) {
        work.session().takeAll().whenComplete((_, failure) -> {
            if (work.session().ended() == null && failure == null) {
                serving.complete(null);
            } else if (work.session().ended() == null) {
                serving.completeExceptionally(FutureFailure.cause(failure));
            }
        });
    }

    private void follow(ClusterImage before, ClusterImage image, ClusterDelta delta) {
        if (closed != null) {
            return;
        }
        chores.follow(before, image, delta);
        waiters.follow(image, delta);
        Work now = current;
        if (now != null) {
            now.session().follow(before, image, delta);
        }
        waiters.look(delta);
        lookWhetherDrained();
    }

    /**
     * Says whether this broker may be given leadership, as this incarnation and as those that may follow it in this process. A broker
     * of which nothing was said leads only where nobody else is ready to, and hands nothing over.
     *
     * @return completes when it is written; tried again until then
     */
    public CompletableFuture<Void> announce(BrokerAvailability.State state) {
        return onLoop(() -> closed != null ? CompletableFuture.failedFuture(closed) : availability.set(state));
    }

    /**
     * Waits until this broker leads nothing any more, or nobody is ready to lead in its place. That it hands over what it leads is up
     * to the plan, which excludes a broker that is draining: see {@link #announce}.
     */
    public CompletableFuture<Void> drain() {
        return onLoop(() -> {
            var drained = new CompletableFuture<Void>();
            draining.add(drained);
            lookWhetherDrained();
            return drained;
        });
    }

    private void lookWhetherDrained() {
        Work now = current;
        if (!draining.isEmpty()
                && (closed != null || now == null || now.session().moves().isDrained())) {
            var drained = List.copyOf(draining);
            draining.clear();
            drained.forEach(one -> one.complete(null));
        }
    }

    private <T> CompletableFuture<T> onLoop(Supplier<CompletableFuture<T>> call) {
        var answer = new CompletableFuture<T>();
        context.loop()
                .execute(() -> call.get().whenComplete((result, failure) -> {
                    if (failure == null) {
                        answer.complete(result);
                    } else {
                        answer.completeExceptionally(FutureFailure.cause(failure));
                    }
                }));
        return answer;
    }

    /**
     * Completes when every partition of the topic has a leader that is alive, those led here are open, or the topic is gone.
     */
    CompletableFuture<Void> ready(UUID topicId) {
        return closed != null ? CompletableFuture.failedFuture(closed) : waiters.add(topicId, images.image());
    }

    private boolean isSettled(UUID topicId) {
        Work now = current;
        return now != null && now.session().isSettled(topicId);
    }

    /**
     * Whether it is certain that nobody had taken this broker's place three seconds ago: the metadata store confirmed its registration
     * since, or a look at its stream found no seal. What is answered from memory on its own authority, as a group coordinator does,
     * is refused while this does not hold. Thread-safe.
     */
    public boolean isIncumbent() {
        Work now = current;
        return now != null
                && now.session().ended() == null
                && context.loop().time().nanoTime() - now.session().incumbentAtNanos() <= LONGEST_STALENESS.toNanos();
    }

    /**
     * What was found of a partition, if it may be told: a broker that was replaced more than {@link #LONGEST_STALENESS} ago must not
     * answer from what it has in memory. Costs a look at the stream where that is not known, and nothing else ever.
     */
    <T> CompletableFuture<T> asIncumbent(T answer) {
        if (isIncumbent()) {
            return CompletableFuture.completedFuture(answer);
        }
        try {
            return session().ascertain(LONGEST_LOOK).thenApply(_ -> answer);
        } catch (LogException none) {
            return CompletableFuture.failedFuture(none);
        }
    }

    /** The incarnation at work, if there is one. Log loop only. */
    public Optional<BrokerIncarnation> incarnation() {
        return Optional.ofNullable(current).map(work -> work.session().incarnation());
    }

    /** The session at work, or why there is none. */
    Session session() {
        Work now = current;
        if (now != null) {
            return now.session();
        }
        throw closed != null ? closed : new LogException(Kind.NOT_LEADER, "this broker is starting to lead");
    }

    /**
     * Appends to a partition that the session at work leads, or is found to lead in a moment; see {@link UnsettledAppends}. While it
     * cannot be told whether this broker still leads, nothing is appended, and what was appended and comes to no end is answered so: a
     * producer had better ask others who leads than wait here.
     */
    CompletableFuture<AppendResult> append(AppendRequest request) {
        CompletableFuture<AppendResult> answer;
        try {
            Session work = session();
            answer = isIncumbent() ? work.append(request) : CompletableFuture.failedFuture(inDoubt(null));
        } catch (LogException notLed) {
            answer = CompletableFuture.failedFuture(notLed);
        }
        return answer.exceptionallyCompose(failure -> CompletableFuture.failedFuture(
                        isTimedOut(failure) && !isIncumbent() ? inDoubt(failure) : FutureFailure.cause(failure)))
                .whenComplete((_, failure) -> {
                    if (failure != null && FutureFailure.cause(failure) instanceof LogException refusal) {
                        noteRefused(request, refusal.kind());
                    }
                });
    }

    private static boolean isTimedOut(Throwable failure) {
        return FutureFailure.cause(failure) instanceof LogException late && late.kind() == Kind.TIMED_OUT;
    }

    private static LogException inDoubt(@Nullable Throwable cause) {
        String what = "it cannot be told whether this broker still leads";
        return cause == null ? new LogException(Kind.NOT_LEADER, what) : new LogException(Kind.NOT_LEADER, what, cause);
    }

    private void noteRefused(AppendRequest request, Kind kind) {
        boolean comesAgain = switch (kind) {
            case NOT_LEADER,
                    UNKNOWN_PARTITION,
                    FENCED_LEADER_EPOCH,
                    UNKNOWN_LEADER_EPOCH,
                    TIMED_OUT,
                    STORAGE_UNAVAILABLE,
                    CLOSED -> true;
            case OFFSET_OUT_OF_RANGE,
                    OUT_OF_ORDER_SEQUENCE,
                    INVALID_PRODUCER_EPOCH,
                    DUPLICATE_SEQUENCE,
                    TOO_LARGE,
                    CORRUPT,
                    POLICY_VIOLATION -> false;
        };
        if (comesAgain) {
            Optional<PartitionLog> log =
                    Optional.ofNullable(current).flatMap(work -> work.session().partition(request.partition()));
            awaited.refused(request, producer -> log.isPresent() && log.get().knowsProducer(producer));
        }
    }

    /** The partition, as the session at work leads it; throws {@link LogException} where it does not. */
    PartitionLog leading(PartitionId id) {
        Session now = session();
        return now.partition(id).orElseThrow(() -> now.whyNotLed(id));
    }

    /**
     * Shuts down: makes everything appended durable, seals the own stream, gives up the registration. Completes when that is done,
     * for every caller; one that cannot wait may exit at any time without losing what was acknowledged.
     */
    public CompletableFuture<Void> close() {
        return onLoop(this::shutDown);
    }

    private CompletableFuture<Void> shutDown() {
        if (closing == null) {
            Work last = current;
            var cause = new LogException(Kind.CLOSED, "the broker is shutting down");
            if (closed != null || last == null) {
                closing = refuse(cause);
            } else {
                stopFollowing(cause);
                closing = seal(last.session(), cause);
            }
        }
        return closing;
    }

    private CompletableFuture<Void> seal(Session last, LogException cause) {
        return last.wal()
                .seal()
                .handle((seal, failure) -> {
                    become(null);
                    if (failure == null) {
                        return last.end(cause).thenCompose(_ -> stores.brokers().markSealed(last.incarnation(), seal));
                    }
                    Throwable why = FutureFailure.cause(failure);
                    return last.end(why instanceof LogException lost ? lost : cause)
                            .thenCompose(_ -> CompletableFuture.<StreamChangeResult>failedFuture(why));
                })
                .thenCompose(marked -> marked)
                .thenAccept(_ -> LOG.info("Sealed the own stream [stream={}]", last.wal().stream()));
    }

    /** Ends without a seal. */
    private CompletableFuture<Void> refuse(LogException cause) {
        stopFollowing(cause);
        Work last = current;
        become(null);
        return last == null
                ? CompletableFuture.completedFuture(null)
                : last.session().end(cause);
    }

    private void stopFollowing(LogException cause) {
        if (closed == null) {
            closed = cause;
            serving.completeExceptionally(cause);
            chores.end();
            waiters.fail(cause);
            lookWhetherDrained();
        }
    }
}
