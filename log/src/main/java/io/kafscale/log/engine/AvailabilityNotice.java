package io.kafscale.log.engine;

import io.kafscale.metastore.cluster.BrokerAvailability.State;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.PlacementStore;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the metadata store whether this broker may be given leadership: for the incarnation at work, and for each one after it.
 * What an operator has said of an incarnation meanwhile, that it is to be drained, goes for those after it, too. Tries until it is
 * written. Log loop only.
 */
final class AvailabilityNotice {
    private static final Backoff RETRY = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));
    private static final Logger LOG = LoggerFactory.getLogger(AvailabilityNotice.class);

    private final EngineContext context;
    private final PlacementStore placement;
    /** Of this process: those of which the store may say something. */
    private final Set<BrokerIncarnation> earlier = new HashSet<>();

    private @Nullable Session session;
    /** Whether this broker has changed its mind since the session began: then its word is the newest. */
    private boolean changed;

    private @Nullable State state;
    private CompletableFuture<Void> written = new CompletableFuture<>();
    private boolean writing;

    /** Nothing to say yet. */
    AvailabilityNotice(EngineContext context) {
        this.context = context;
        this.placement = new PlacementStore(context.metadata());
    }

    /** Another session is at work. */
    void begun(Session now) {
        if (session != null) {
            earlier.add(session.incarnation());
        }
        session = now;
        changed = false;
        write(0);
    }

    /** From now on this is so; completes when the store says so, or what was said later, of the incarnation at work. */
    CompletableFuture<Void> set(State next) {
        if (state != next) {
            changed = state != null;
            if (changed) {
                earlier.clear();
            }
            state = next;
            CompletableFuture<Void> before = written;
            written = new CompletableFuture<>();
            written.thenRun(() -> before.complete(null));
            write(0);
        }
        return written;
    }

    private CompletableFuture<Boolean> say(BrokerIncarnation mine, State said) {
        return said == State.SERVING && !changed
                ? placement.serveUnlessDrained(mine, earlier)
                : placement.setAvailability(mine, said);
    }

    /** One after the other: a write that is repeated until it arrives must not come behind a later one. */
    private void write(int attempt) {
        Session mine = session;
        State said = state;
        if (writing || mine == null || said == null || mine.ended() != null) {
            return;
        }
        writing = true;
        say(mine.incarnation(), said).whenComplete((done, failure) -> {
            writing = false;
            if (mine != session || said != state) {
                write(0);
            } else if (failure == null && done && mine.ended() == null) {
                LOG.info("Said what this broker is ready for [broker={}, state={}]", mine.incarnation(), said);
                earlier.clear();
                written.complete(null);
            } else {
                writeAgain(mine, said, attempt, failure);
            }
        });
    }

    private void writeAgain(Session mine, State said, int attempt, @Nullable Throwable failure) {
        if (failure != null) {
            LOG.warn("Could not say what this broker is ready for yet [state={}]", said, FutureFailure.cause(failure));
        }
        // One that is not registered just now is going to be again, or is over.
        context.loop().schedule(RETRY.delay(attempt, context.random()), () -> {
            if (mine == session && said == state) {
                write(attempt + 1);
            }
        });
    }
}
