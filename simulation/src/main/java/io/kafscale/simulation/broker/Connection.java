package io.kafscale.simulation.broker;

import io.kafscale.log.LogService;
import io.kafscale.simulation.World;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

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
    private final Map<Long, CompletableFuture<?>> unanswered = new LinkedHashMap<>();
    private long requests;
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
        long number = requests++;
        unanswered.put(number, answer);
        lastArrivalNanos = Math.max(lastArrivalNanos, world.nowNanos() + way());
        at(lastArrivalNanos, () -> {
            if (process.state() == BrokerProcess.State.SERVING) {
                request.apply(process.log()).whenComplete((value, failure) -> back(number, answer, value, failure));
            }
        });
        return answer;
    }

    private <T> void back(long number, CompletableFuture<T> answer, T value, @Nullable Throwable failure) {
        lastAnswerNanos = Math.max(lastAnswerNanos, world.nowNanos() + way());
        at(lastAnswerNanos, () -> {
            if (unanswered.remove(number) != null) {
                if (failure == null) {
                    answer.complete(value);
                } else {
                    answer.completeExceptionally(failure);
                }
            }
        });
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
        var lost = List.copyOf(unanswered.values());
        unanswered.clear();
        lost.forEach(answer -> answer.completeExceptionally(new Lost(why)));
    }
}
