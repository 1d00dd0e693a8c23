package io.kafscale.log.engine;

import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.log.wal.WalListener;
import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.runtime.Backoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
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

    private final EngineContext context;
    private final BrokerEndpoint endpoint;
    private final ImageKeeper images;
    private final EngineStores stores;
    private final TopicCollector topicCollector;
    private final ClosedStreamCollector streamCollector;
    private final Set<UUID> wanted = new LinkedHashSet<>();
    private final List<Awaiting> awaiting = new ArrayList<>();
    private @Nullable ClusterRecord cluster;
    private @Nullable Session session;
    private boolean taking;
    private int failures;
    private @Nullable LogException closed;

    private record Awaiting(UUID topicId, CompletableFuture<Void> ready) {}

    /**
     * An engine that has not started.
     *
     * @param images follows the metadata store on the log loop; started and closed by its owner
     */
    public LogEngine(EngineContext context, BrokerEndpoint endpoint, ImageKeeper images) {
        this.context = context;
        this.endpoint = endpoint;
        this.images = images;
        this.stores = EngineStores.of(context);
        this.topicCollector = new TopicCollector(context, stores.topics());
        this.streamCollector = new ClosedStreamCollector(context, stores, () -> Optional.ofNullable(session));
    }

    /**
     * Starts: identity, incarnation, and every partition there is. Completes when all of them are served (or known to be damaged);
     * fails with {@link LogStartException}, whose message is for the operator, or with the stores' exceptions.
     *
     * @return the cluster this broker belongs to
     */
    public CompletableFuture<ClusterRecord> start() {
        var started = new CompletableFuture<ClusterRecord>();
        context.loop()
                .execute(() -> new ClusterIdentity(context)
                        .establish()
                        .thenCompose(identity -> {
                            cluster = identity;
                            return images.start()
                                    .thenCompose(_ -> begin(identity))
                                    .thenCompose(_ -> takeAll());
                        })
                        .whenComplete((_, failure) -> {
                            if (failure == null) {
                                images.addListener(this::follow);
                                started.complete(cluster);
                            } else {
                                Throwable cause = EngineContext.unwrap(failure);
                                endSession(new LogException(Kind.CLOSED, "the log did not start", cause));
                                started.completeExceptionally(cause);
                            }
                        }));
        return started;
    }

    private CompletableFuture<Void> begin(ClusterRecord identity) {
        var fate = new Fate();
        return new IncarnationStart(context, stores, endpoint, identity)
                .start(fate)
                .thenAccept(begun -> {
                    var registration = new Registration(context, stores.brokers(), begun.registration(), fate::over);
                    var next = new Session(context, begun.wal(), registration, stores, fate, this::leading);
                    fate.session = next;
                    if (fate.early != null) {
                        next.end(fate.early);
                        throw fate.early;
                    }
                    session = next;
                    LOG.info("Began to lead [broker={}, stream={}]", next.incarnation(), begun.wal().stream());
                });
    }

    /** What happens to one session, from before it is one. */
    private final class Fate implements WalListener, SessionListener {
        private @Nullable Session session;
        private @Nullable LogException early;

        @Override
        public void fenced(LogException cause) {
            over(cause);
        }

        @Override
        public void over(LogException cause) {
            if (session == null) {
                early = cause;
            } else {
                replace(session, cause);
            }
        }

        @Override
        public void partitionsChanged() {
            answerAwaiting();
        }
    }

    /** A session is over: whatever it led is given up and taken back by the next incarnation. */
    private void replace(Session over, LogException cause) {
        if (over.ended() != null || closed != null) {
            return;
        }
        LOG.warn("This broker was fenced and starts over as a new incarnation [broker={}]", over.incarnation(), cause);
        over.end(cause);
        if (session == over) {
            session = null;
        }
        over.registration().end().thenRun(() -> restart(0));
    }

    private void restart(int attempt) {
        ClusterRecord identity = cluster;
        if (closed != null || session != null || identity == null) {
            return;
        }
        begin(identity).thenCompose(_ -> takeAll()).whenComplete((_, failure) -> {
            if (failure != null && closed == null && session == null) {
                LOG.warn("Could not start a new incarnation yet [attempt={}]", attempt, EngineContext.unwrap(failure));
                context.loop().schedule(RETRY.delay(attempt, context.random()), () -> restart(attempt + 1));
            }
        });
    }

    private CompletableFuture<Void> takeAll() {
        for (Versioned<TopicRecord> topic : images.image().topics()) {
            wanted.add(topic.value().id());
        }
        return takeWanted();
    }

    /** Takes what is wanted and not led; one takeover at a time, and again if more became wanted meanwhile. */
    private CompletableFuture<Void> takeWanted() {
        Session now = session;
        if (taking || now == null || closed != null) {
            return CompletableFuture.completedFuture(null);
        }
        List<Takeover.Target> targets = targets(now);
        if (targets.isEmpty()) {
            answerAwaiting();
            return CompletableFuture.completedFuture(null);
        }
        taking = true;
        return now.take(targets)
                .handle((_, failure) -> {
                    taking = false;
                    return failure;
                })
                .thenCompose(failure -> {
                    if (failure == null) {
                        failures = 0;
                        return takeWanted();
                    }
                    takeoverFailed(now, EngineContext.unwrap(failure));
                    return CompletableFuture.failedFuture(failure);
                });
    }

    private void takeoverFailed(Session now, Throwable cause) {
        if (closed != null || now.ended() != null) {
            return;
        }
        if (cause instanceof LogException lost && lost.kind() == Kind.NOT_LEADER) {
            replace(now, lost);
            return;
        }
        LOG.warn("Could not take partitions yet [broker={}]", now.incarnation(), cause);
        takeAllLater();
    }

    private void takeAllLater() {
        context.loop().schedule(RETRY.delay(failures++, context.random()), () -> {
            if (session != null) {
                takeAll().exceptionally(_ -> null);
            }
        });
    }

    private List<Takeover.Target> targets(Session now) {
        ClusterImage image = images.image();
        var targets = new ArrayList<Takeover.Target>();
        for (UUID topicId : wanted) {
            image.topic(topicId).ifPresent(topic -> {
                for (int partition = 0; partition < topic.value().partitions(); partition++) {
                    var id = new PartitionId(topicId, partition);
                    if (!now.isSettled(id)) {
                        targets.add(new Takeover.Target(
                                topic, partition, image.partition(id).orElse(null)));
                    }
                }
            });
        }
        wanted.clear();
        return targets;
    }

    private void follow(ClusterImage before, ClusterImage image, ClusterDelta delta) {
        if (closed != null) {
            return;
        }
        wanted.addAll(delta.createdTopics());
        wanted.addAll(delta.changedTopics());
        if (session != null) {
            session.follow(image, delta.deletedTopics(), delta.changedTopics());
        }
        if (!delta.tombstones().isEmpty()) {
            topicCollector.look(image);
        }
        if (!delta.streams().isEmpty() || !delta.partitions().isEmpty() || !delta.brokers().isEmpty()) {
            streamCollector.look(image);
        }
        answerAwaiting();
        // A failure has been dealt with where it happened.
        takeWanted().exceptionally(_ -> null);
    }

    /** Completes when every partition of the topic is served here, or the topic is gone. */
    CompletableFuture<Void> ready(UUID topicId) {
        var ready = new CompletableFuture<Void>();
        if (closed != null) {
            ready.completeExceptionally(closed);
        } else {
            awaiting.add(new Awaiting(topicId, ready));
            answerAwaiting();
        }
        return ready;
    }

    private void answerAwaiting() {
        if (awaiting.isEmpty()) {
            return;
        }
        for (Awaiting one : List.copyOf(awaiting)) {
            if (isSettled(one.topicId())) {
                awaiting.remove(one);
                one.ready().complete(null);
            }
        }
    }

    private boolean isSettled(UUID topicId) {
        Session now = session;
        Optional<Versioned<TopicRecord>> topic = images.image().topic(topicId);
        if (topic.isEmpty() || now == null) {
            return false;
        }
        for (int partition = 0; partition < topic.get().value().partitions(); partition++) {
            if (!now.isSettled(new PartitionId(topicId, partition))) {
                return false;
            }
        }
        return true;
    }

    /** The session at work, or why there is none. */
    Session session() {
        Session now = session;
        if (now != null) {
            return now;
        }
        throw closed != null ? closed : new LogException(Kind.NOT_LEADER, "this broker is starting to lead");
    }

    /** The partition, as the session at work leads it; throws {@link LogException} where it does not. */
    PartitionLog leading(PartitionId id) {
        return session().partition(id).orElseThrow(() -> whyNotLed(id));
    }

    /** Why a partition is not served by the session at work. */
    LogException whyNotLed(PartitionId id) {
        Optional<LogException> damage = session().damage(id);
        if (damage.isPresent()) {
            return damage.get();
        }
        Optional<Versioned<TopicRecord>> topic = images.image().topic(id.topicId());
        boolean exists = topic.isPresent()
                && id.partition() >= 0
                && id.partition() < topic.get().value().partitions();
        return exists
                ? new LogException(Kind.NOT_LEADER, "this broker does not lead partition " + id)
                : new LogException(Kind.UNKNOWN_PARTITION, "there is no partition " + id);
    }

    /**
     * Shuts down: makes everything appended durable, seals the own stream, gives up the registration. Completes when that is done; a
     * caller that cannot wait may exit at any time without losing what was acknowledged.
     */
    public CompletableFuture<Void> close() {
        var done = new CompletableFuture<Void>();
        context.loop()
                .execute(() -> shutDown().whenComplete((_, failure) -> {
                    if (failure == null) {
                        done.complete(null);
                    } else {
                        done.completeExceptionally(EngineContext.unwrap(failure));
                    }
                }));
        return done;
    }

    private CompletableFuture<Void> shutDown() {
        if (closed != null) {
            return CompletableFuture.completedFuture(null);
        }
        var cause = new LogException(Kind.CLOSED, "the broker is shutting down");
        closed = cause;
        topicCollector.stop();
        streamCollector.stop();
        awaiting.forEach(one -> one.ready().completeExceptionally(cause));
        awaiting.clear();
        Session last = session;
        if (last == null) {
            return CompletableFuture.completedFuture(null);
        }
        return last.wal()
                .seal()
                .thenCompose(seal -> {
                    endSession(cause);
                    return last.registration()
                            .end()
                            .thenCompose(_ -> stores.brokers().markSealed(last.incarnation(), seal))
                            .thenAccept(_ ->
                                    LOG.info("Sealed the own stream [broker={}, seal={}]", last.incarnation(), seal));
                })
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        endSession(cause);
                    }
                });
    }

    private void endSession(LogException cause) {
        if (session != null) {
            session.end(cause);
            session = null;
        }
    }
}
