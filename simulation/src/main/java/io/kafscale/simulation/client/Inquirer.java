package io.kafscale.simulation.client;

import io.kafscale.log.LogException;
import io.kafscale.log.LogService;
import io.kafscale.log.OffsetQuery;
import io.kafscale.simulation.World;
import io.kafscale.simulation.invariant.Observation;
import io.kafscale.simulation.invariant.Observation.Known;
import io.kafscale.simulation.invariant.PartitionFacts;
import io.kafscale.simulation.invariant.TopicFacts;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Asks all kinds of questions about all kinds of partitions: offsets by time, ends of epochs, status, producers. Confined to the
 * simulation's one thread; runs on the world's loop.
 */
public final class Inquirer implements Client {
    private static final String NAME = "inquirer";
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);

    private final ClientContext context;
    private final Duration interval;
    private final RandomGenerator random;
    private final Link link;
    private boolean stopped;
    private int asked;
    private int answered;

    /** An inquirer that asks a question in each interval. */
    public Inquirer(ClientContext context, Duration interval) {
        this.context = context;
        this.interval = interval;
        this.random = context.world().seeds().stream(NAME);
        this.link = new Link(context, random);
    }

    @Override
    public void start() {
        context.world().after(World.between(Duration.ZERO, interval.multipliedBy(2), random), () -> {
            if (!stopped) {
                if (asked == answered && link.isUp()) {
                    partition().ifPresent(this::ask);
                }
                start();
            }
        });
    }

    @Override
    public void stop() {
        stopped = true;
    }

    @Override
    public Optional<String> unfinished() {
        return asked == answered ? Optional.empty() : Optional.of(NAME + " waits for an answer");
    }

    private Optional<PartitionFacts> partition() {
        List<TopicFacts> topics = context.referee().topics().stream()
                .filter(topic -> !topic.isDeleting())
                .toList();
        if (topics.isEmpty()) {
            return Optional.empty();
        }
        var partitions = topics.get(random.nextInt(topics.size())).partitions();
        return Optional.of(partitions.get(random.nextInt(partitions.size())));
    }

    private void ask(PartitionFacts partition) {
        switch (random.nextInt(7)) {
            case 0 -> lookUp(partition, new OffsetQuery.Latest());
            case 1 -> lookUp(partition, new OffsetQuery.Earliest());
            case 2 -> lookUp(partition, new OffsetQuery.MaxTimestamp());
            case 3 -> lookUp(partition, new OffsetQuery.AtTime(someTime()));
            case 4 -> endOfEpoch(partition, random.nextInt(8));
            case 5 -> status(partition);
            default -> send(partition, "producers", log -> log.producers(partition.id()), known -> ignored -> {});
        }
    }

    private long someTime() {
        long now = context.world().time().wallClockMs();
        return now
                - random.nextInt(
                        (int) Math.max(1, Math.min(200_000, context.world().nowNanos() / 1_000_000)));
    }

    private void lookUp(PartitionFacts partition, OffsetQuery query) {
        send(partition, query.toString(), log -> log.lookup(partition.id(), query), known -> answer -> {
            context.trace(NAME, query + " in " + partition.id() + " is " + answer);
            context.referee()
                    .see(
                            switch (query) {
                                case OffsetQuery.Latest latest ->
                                    new Observation.OffsetsTold(known, answer.offset(), known.logStart());
                                case OffsetQuery.Earliest earliest ->
                                    new Observation.OffsetsTold(
                                            known, Math.max(known.highWatermark(), answer.offset()), answer.offset());
                                case OffsetQuery.MaxTimestamp max -> new Observation.LookedUp(known, query, answer);
                                case OffsetQuery.AtTime at -> new Observation.LookedUp(known, query, answer);
                            });
        });
    }

    private void endOfEpoch(PartitionFacts partition, int epoch) {
        send(
                partition,
                "end of epoch " + epoch,
                log -> log.endOfEpoch(partition.id(), epoch),
                known -> answer -> context.referee().see(new Observation.EpochLookedUp(known, epoch, answer)));
    }

    private void status(PartitionFacts partition) {
        send(
                partition,
                "status",
                log -> log.status(partition.id()),
                known -> status -> context.referee()
                        .see(new Observation.OffsetsTold(known, status.highWatermark(), status.logStartOffset())));
    }

    private <T> void send(
            PartitionFacts partition,
            String what,
            Function<LogService, CompletableFuture<T>> request,
            Function<Known, Consumer<T>> then) {
        Known known = link.known(partition);
        int mine = ++asked;
        link.ask(request, (answer, failure) -> {
            answered = Math.max(answered, mine);
            if (answer != null) {
                then.apply(known).accept(answer);
            } else if (failure instanceof LogException refusal) {
                context.trace(NAME, what + " of " + partition.id() + " fails: " + refusal.kind());
                context.referee().see(new Observation.Failed(known, what, -1, refusal));
                link.hangUp();
            }
        });
        context.world().after(REQUEST_TIMEOUT, () -> {
            if (answered < mine) {
                link.hangUp();
            }
        });
    }
}
