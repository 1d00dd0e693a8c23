package io.kafscale.log.engine;

import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.BrokerRegistry;
import io.kafscale.metastore.cluster.Guard;
import io.kafscale.metastore.cluster.RegisterResult;
import io.kafscale.runtime.Backoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An incarnation's registration, renewed under a new lease when the old one is lost, as long as nobody judged the incarnation dead.
 * Log loop only.
 */
final class Registration {
    private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
    private static final Backoff RETRY = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(5));

    private final EngineContext context;
    private final BrokerRegistry brokers;
    private final Consumer<LogException> judgedDead;
    private final List<CompletableFuture<Boolean>> doubters = new ArrayList<>();
    private RegisterResult.Registered current;
    private boolean renewing;
    private boolean ended;

    /** A registration that holds now. */
    Registration(
            EngineContext context,
            BrokerRegistry brokers,
            RegisterResult.Registered current,
            Consumer<LogException> judgedDead) {
        this.context = context;
        this.brokers = brokers;
        this.current = current;
        this.judgedDead = judgedDead;
        watch();
    }

    BrokerIncarnation incarnation() {
        return current.registration().value().incarnation();
    }

    /** What every write of this incarnation compares. */
    Guard guard() {
        return brokers.guard(current);
    }

    /**
     * A write was refused because this guard did not hold.
     *
     * @return whether another guard of the same incarnation holds now, so that the write may be tried again; completes once that is
     *     known
     */
    CompletableFuture<Boolean> standsDespite(Guard failed) {
        if (ended || !guard().equals(failed)) {
            return CompletableFuture.completedFuture(!ended);
        }
        var answer = new CompletableFuture<Boolean>();
        doubters.add(answer);
        if (!renewing) {
            // The store has ended the lease and the news of it is still on its way.
            renew(0);
        }
        return answer;
    }

    private void answerDoubters(boolean stands) {
        var waiting = List.copyOf(doubters);
        doubters.clear();
        waiting.forEach(answer -> answer.complete(stands));
    }

    private void watch() {
        RegisterResult.Registered watched = current;
        context.onLoop(watched.lease().lost()).thenRun(() -> {
            if (!ended && !renewing && current == watched) {
                LOG.warn("The broker's lease was lost, registering again [broker={}]", incarnation());
                renew(0);
            }
        });
    }

    private void renew(int attempt) {
        if (ended) {
            return;
        }
        renewing = true;
        brokers.register(current.registration().value(), IncarnationStart.REGISTRATION_TTL)
                .whenComplete((result, failure) -> {
                    if (failure != null) {
                        LOG.warn("Could not register again, trying on [broker={}]", incarnation(), failure);
                        context.loop().schedule(RETRY.delay(attempt, context.random()), () -> renew(attempt + 1));
                    } else {
                        renewed(result);
                    }
                });
    }

    private void renewed(RegisterResult result) {
        renewing = false;
        if (result instanceof RegisterResult.Registered registered) {
            current = registered;
            if (ended) {
                revoke();
            } else {
                watch();
                answerDoubters(true);
            }
        } else if (!ended) {
            answerDoubters(false);
            judgedDead.accept(
                    new LogException(Kind.NOT_LEADER, "broker " + incarnation() + " was judged dead: " + result));
        }
    }

    /** Gives the registration up; completes when the store says that it is gone, or cannot say so. */
    CompletableFuture<Void> end() {
        ended = true;
        answerDoubters(false);
        return revoke();
    }

    private CompletableFuture<Void> revoke() {
        return context.onLoop(current.lease().revoke()).handle((done, failure) -> {
            @Nullable Throwable cause = failure == null ? null : EngineContext.unwrap(failure);
            if (cause != null
                    && !(cause instanceof MetadataException known
                            && known.kind() == MetadataException.Kind.LEASE_GONE)) {
                LOG.warn("Could not end the broker's lease, it runs out by itself [broker={}]", incarnation(), cause);
            }
            return null;
        });
    }
}
