package io.kafscale.log.engine;

import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistry;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.Guard;
import io.kafscale.metastore.cluster.RegisterResult;
import io.kafscale.runtime.Backoff;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An incarnation's registration, renewed under a new lease when the old one is lost, as long as nobody judged the incarnation dead.
 * Whether it is there is asked of the store again and again: a lease says nothing of that, since a registration may be removed while
 * its lease lives on, nor does a watch that reports nothing. Log loop only.
 */
final class Registration {
    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
    private static final Backoff RETRY = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5));

    /**
     * How long a confirmation is believed. A registration may be removed early, on good evidence, and its partitions be led by others
     * a moment later; a broker that hears nothing of it must look for itself so soon that it is done within three seconds. Longer than
     * {@link #INTERVAL}, so that a broker that is answered need not look at its stream.
     */
    static final Duration BELIEVED = Duration.ofSeconds(2);

    /** How often the store is asked whether the registration is there. */
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    private final EngineContext context;
    private final BrokerRegistry brokers;
    private final Consumer<LogException> judgedDead;
    private volatile RegisterResult.Registered current;

    private volatile long confirmedAtNanos;
    private boolean renewing;
    private @Nullable CompletableFuture<Void> ending;

    /**
     * A registration that holds now.
     *
     * @param judgedDead told, once, that this incarnation cannot be registered any more; never before the constructor has returned
     */
    Registration(
            EngineContext context,
            BrokerRegistry brokers,
            RegisterResult.Registered current,
            Consumer<LogException> judgedDead) {
        this.context = context;
        this.brokers = brokers;
        this.current = current;
        this.judgedDead = judgedDead;
        this.confirmedAtNanos = current.lease().confirmedAtNanos();
        watch();
        later(this::confirm, INTERVAL);
    }

    BrokerIncarnation incarnation() {
        return current.registration().value().incarnation();
    }

    /** What every write of this incarnation compares; another one after a renewal. */
    Guard guard() {
        return brokers.guard(current);
    }

    /** What keeps the registration now. */
    Lease lease() {
        return current.lease();
    }

    /** When the store was last asked for the registration and had it, on the monotonic clock. Thread-safe. */
    long confirmedAtNanos() {
        return confirmedAtNanos;
    }

    /** Whether the store has confirmed it so lately that nobody can have led in our place for long. */
    boolean isConfirmed() {
        long age = now() - confirmedAtNanos;
        return ending == null && !renewing && !current.lease().lost().isDone() && age < BELIEVED.toNanos();
    }

    /** A write was refused because the registration is not what {@code guard} says. */
    void refuted(Guard guard) {
        if (guard.equals(guard())) {
            renew("A write found the broker's registration gone, registering again");
        }
    }

    /** Somebody may have removed the registration while the lease lives on: others take this broker for dead then. */
    void follow(ClusterImage image) {
        if (image.revision() >= current.registration().modRevision() && !image.isRegistered(incarnation())) {
            renew("The broker's registration was removed, registering again");
        }
    }

    /** Asks the store whether the registration is there. One question at a time: the next one comes when this has been answered. */
    private void confirm() {
        RegisterResult.Registered asked = current;
        long askedAtNanos = now();
        brokers.isThere(asked).whenComplete((there, failure) -> {
            if (failure != null) {
                LOG.debug("Cannot tell whether this broker is registered [broker={}]", incarnation(), failure);
            } else if (asked == current) {
                if (there) {
                    confirmedAtNanos = askedAtNanos;
                } else {
                    renew("The broker's registration is gone, registering again");
                }
            }
            later(this::confirm, INTERVAL.minusNanos(now() - askedAtNanos));
        });
    }

    private void later(Runnable task, Duration delay) {
        if (ending == null) {
            context.loop().schedule(delay.isNegative() ? Duration.ZERO : delay, () -> {
                if (ending == null) {
                    task.run();
                }
            });
        }
    }

    private long now() {
        return context.loop().time().nanoTime();
    }

    private void watch() {
        Lease watched = current.lease();
        context.onLoop(watched.lost()).thenRun(() -> {
            if (watched == current.lease()) {
                renew("The broker's lease was lost, registering again");
            }
        });
    }

    private void renew(String why) {
        if (ending == null && !renewing) {
            LOG.warn("{} [broker={}]", why, incarnation());
            renewing = true;
            renew(0);
        }
    }

    private void renew(int attempt) {
        if (ending != null) {
            return;
        }
        long askedAtNanos = now();
        brokers.register(current.registration().value(), IncarnationStart.REGISTRATION_TTL)
                .whenComplete((result, failure) -> {
                    if (failure == null) {
                        renewed(result, askedAtNanos);
                    } else if (ending == null) {
                        LOG.warn("Could not register again, trying on [broker={}]", incarnation(), failure);
                        later(() -> renew(attempt + 1), RETRY.delay(attempt, context.random()));
                    }
                });
    }

    private void renewed(RegisterResult result, long askedAtNanos) {
        renewing = false;
        if (result instanceof RegisterResult.Registered registered) {
            Lease before = current.lease();
            current = registered;
            confirmedAtNanos = askedAtNanos;
            revoke(before);
            if (ending == null) {
                watch();
            } else {
                revoke(current.lease());
            }
        } else if (ending == null) {
            judgedDead.accept(
                    new LogException(Kind.NOT_LEADER, "broker " + incarnation() + " was judged dead: " + result));
        }
    }

    /** Gives the registration up; completes when the store says that it is gone, or cannot say so. */
    CompletableFuture<Void> end() {
        if (ending == null) {
            ending = revoke(current.lease());
        }
        return ending;
    }

    private CompletableFuture<Void> revoke(Lease lease) {
        if (lease.lost().isDone()) {
            return CompletableFuture.completedFuture(null);
        }
        return context.onLoop(lease.revoke()).handle((done, failure) -> {
            if (failure != null) {
                LOG.warn("Could not end a lease, it runs out by itself [broker={}]", incarnation(), failure);
            }
            return null;
        });
    }
}
