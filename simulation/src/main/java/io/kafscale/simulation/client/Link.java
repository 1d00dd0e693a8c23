package io.kafscale.simulation.client;

import io.kafscale.log.LogService;
import io.kafscale.runtime.FutureFailure;
import io.kafscale.simulation.broker.BrokerProcess;
import io.kafscale.simulation.broker.Connection;
import io.kafscale.simulation.invariant.Observation;
import io.kafscale.simulation.invariant.Observation.Known;
import io.kafscale.simulation.invariant.PartitionFacts;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * How a client finds the broker and stays connected to it: it keeps its connection while that works, and looks for the broker again
 * when it does not. Confined to the simulation's one thread.
 */
final class Link {
    private final ClientContext context;
    private final RandomGenerator random;
    private Optional<Connection> connection = Optional.empty();
    private long offlineUntilNanos;

    Link(ClientContext context, RandomGenerator random) {
        this.context = context;
        this.random = random;
    }

    /** Whether there is a broker to talk to. */
    boolean isUp() {
        if (context.world().nowNanos() < offlineUntilNanos) {
            return false;
        }
        if (connection.filter(Connection::isOpen).isEmpty()) {
            connection = context.servers()
                    .address()
                    .map(process -> new Connection(context.world(), process, context.networkLatency(), random));
        }
        return connection.isPresent();
    }

    /** The broker talked to; only while {@link #isUp}. */
    BrokerProcess process() {
        return connection.orElseThrow().process();
    }

    /** What is known of a partition, to be compared with the answer of a question asked now; only while {@link #isUp}. */
    Known known(PartitionFacts partition) {
        return Known.now(partition, process().name(), process().isSuperseded());
    }

    /**
     * Asks the broker; only while {@link #isUp}.
     *
     * @param then gets the answer, or what failed; a violation that it throws ends the history
     */
    <T> void ask(
            Function<LogService, CompletableFuture<T>> request, BiConsumer<@Nullable T, @Nullable Throwable> then) {
        BrokerProcess asked = process();
        connection.orElseThrow().send(request).whenComplete((answer, failure) -> {
            try {
                if (failure == null) {
                    context.referee()
                            .see(new Observation.Answered(
                                    asked.name(), context.servers().outdatedFor(asked)));
                }
                then.accept(answer, failure == null ? null : FutureFailure.cause(failure));
            } catch (RuntimeException thrown) {
                context.referee().broken(thrown);
            }
        });
    }

    /** Hangs up: the next request goes to whoever is the broker then. */
    void hangUp() {
        connection.ifPresent(Connection::close);
        connection = Optional.empty();
    }

    /** The client's network is gone for a while: what it has sent still arrives, and no answer does. */
    void goOffline(Duration outage) {
        offlineUntilNanos = context.world().nowNanos() + outage.toNanos();
        hangUp();
    }
}
