package io.kafscale.simulation.broker;

import io.kafscale.log.LogService;
import io.kafscale.simulation.World;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * A client's connection to one process: requests arrive in the order they were sent, answers too, until either end goes away. What
 * was sent before the client closed it still arrives. Confined to the simulation's one thread; futures complete on the world's loop.
 */
public final class Connection {
    /** The answer will never come, and nothing is known of what became of the request. */
    public static final class Lost extends RuntimeException {
        private static final long serialVersionUID = 1;

        Lost(String why) {
            super(why, null, false, false);
        }
    }

    private final World world;
    private final BrokerProcess process;
    private final Duration latency;
    private final RandomGenerator random;
    /** One request, from when it is sent until its answer is there. */
    private static final class Exchange {
        private final CompletableFuture<?> answer;
        private Optional<Runnable> outcome = Optional.empty();

        Exchange(CompletableFuture<?> answer) {
            this.answer = answer;
        }
    }

    private final Set<Exchange> unanswered = new LinkedHashSet<>();
    private final Deque<Exchange> atBroker = new ArrayDeque<>();
    private long lastArrivalNanos;
    private long lastAnswerNanos;
    private boolean closed;

    /**
     * An open connection.
     *
     * @param latency what half of all messages take at most, one way
     */
    public Connection(World world, BrokerProcess process, Duration latency, RandomGenerator random) {
        this.world = world;
        this.process = process;
        this.latency = latency;
        this.random = random;
        process.connected(this);
    }

    /** The process at the other end. */
    public BrokerProcess process() {
        return process;
    }

    /** Whether it can be used. */
    public boolean isOpen() {
        return !closed;
    }

    /** Sends a request; fails with {@link Lost} if there will be no answer, else as the request does. */
    public <T> CompletableFuture<T> send(Function<LogService, CompletableFuture<T>> request) {
        var answer = new CompletableFuture<T>();
        if (closed) {
            answer.completeExceptionally(new Lost("the connection is closed"));
            return answer;
        }
        var exchange = new Exchange(answer);
        unanswered.add(exchange);
        lastArrivalNanos = Math.max(lastArrivalNanos, world.nowNanos() + way());
        at(lastArrivalNanos, () -> {
            if (process.state() == BrokerProcess.State.SERVING) {
                atBroker.add(exchange);
                request.apply(process.log()).whenComplete((value, failure) -> {
                    exchange.outcome = Optional.of(
                            failure == null
                                    ? () -> answer.complete(value)
                                    : () -> answer.completeExceptionally(failure));
                    sendBack();
                });
            }
        });
        return answer;
    }

    /** Answers what can be answered: whatever is ready early waits for those that were asked before. */
    private void sendBack() {
        while (!atBroker.isEmpty() && atBroker.element().outcome.isPresent()) {
            Exchange exchange = atBroker.remove();
            lastAnswerNanos = Math.max(lastAnswerNanos, world.nowNanos() + way());
            at(lastAnswerNanos, () -> {
                if (unanswered.remove(exchange)) {
                    exchange.outcome.orElseThrow().run();
                }
            });
        }
    }

    private long way() {
        return World.skewed(latency, random).toNanos();
    }

    private void at(long dueNanos, Runnable step) {
        world.after(Duration.ofNanos(dueNanos - world.nowNanos()), step);
    }

    /** The client hangs up. */
    public void close() {
        if (!closed) {
            closed = true;
            process.disconnected(this);
            failAll("closed by the client");
        }
    }

    /** The process is gone; the client notices after a while. */
    void broken() {
        closed = true;
        world.after(World.skewed(latency, random), () -> failAll("the broker is gone"));
    }

    private void failAll(String why) {
        var lost = List.copyOf(unanswered);
        unanswered.clear();
        lost.forEach(exchange -> exchange.answer.completeExceptionally(new Lost(why)));
    }
}
