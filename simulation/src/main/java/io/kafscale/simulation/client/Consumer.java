package io.kafscale.simulation.client;

import io.kafscale.log.FetchQuery;
import io.kafscale.log.FetchResult;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.OffsetQuery;
import io.kafscale.simulation.World;
import io.kafscale.simulation.invariant.InvariantViolation;
import io.kafscale.simulation.invariant.Observation;
import io.kafscale.simulation.invariant.Observation.Known;
import io.kafscale.simulation.invariant.PartitionFacts;
import io.kafscale.simulation.invariant.ReadBatch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.random.RandomGenerator;

/**
 * A consumer of some partitions. It follows their ends, or reads from anywhere to the end, again and again. Confined to the
 * simulation's one thread; runs on the world's loop.
 */
public final class Consumer implements Client {
    private static final Duration RETRY = Duration.ofMillis(200);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(15);

    /** A broker whose store does not answer may answer a fetch without the records after this long. */
    private static final Duration PATIENCE = Duration.ofSeconds(9);

    private final ClientContext context;
    private final String name;
    private final boolean rereads;
    private final Duration pause;
    private final Duration maxWait;
    private final RandomGenerator random;
    private final Link link;
    private final Map<PartitionFacts, Long> positions = new LinkedHashMap<>();
    private boolean stopped;
    private int asked;
    private int answered;

    /**
     * A consumer that has read nothing.
     *
     * @param rereads whether it starts somewhere else when it has come to the end
     * @param pause between two fetches, at most
     */
    public Consumer(
            ClientContext context, String name, List<PartitionFacts> partitions, boolean rereads, Duration pause) {
        this.context = context;
        this.name = name;
        this.rereads = rereads;
        this.pause = pause;
        this.random = context.world().seeds().stream(name);
        this.maxWait = Duration.ofMillis(50 + random.nextInt(700));
        this.link = new Link(context, random);
        partitions.forEach(partition -> positions.put(partition, 0L));
    }

    @Override
    public void start() {
        later(pause);
    }

    @Override
    public void stop() {
        stopped = true;
    }

    @Override
    public Optional<String> unfinished() {
        return asked == answered ? Optional.empty() : Optional.of(name + " waits for a fetch");
    }

    private void later(Duration delay) {
        context.world().after(World.between(Duration.ofMillis(1), delay, random), this::fetch);
    }

    private void fetch() {
        positions.keySet().removeIf(partition -> partition.topic().isDeleting());
        if (stopped || positions.isEmpty()) {
            return;
        }
        if (!link.isUp()) {
            later(RETRY.multipliedBy(2));
            return;
        }
        var known = new ArrayList<Known>();
        var parts = new ArrayList<FetchQuery.Part>();
        positions.forEach((partition, offset) -> {
            known.add(link.known(partition));
            parts.add(
                    new FetchQuery.Part(partition.id(), offset, maxBytes(), OptionalInt.empty(), OptionalInt.empty()));
        });
        var query = new FetchQuery(parts, 1, 2 * maxBytes(), context.world().nowNanos() + maxWait.toNanos());
        int mine = ++asked;
        long impatientNanos =
                context.world().nowNanos() + maxWait.plus(PATIENCE).toNanos();
        link.ask(log -> log.fetch(query), (result, failure) -> {
            answered = mine;
            if (result != null) {
                taken(known, parts, result, context.world().nowNanos() < impatientNanos);
                result.release().run();
            } else {
                context.trace(name, "fetch failed: " + failure);
                if (failure instanceof LogException) {
                    link.hangUp();
                }
                later(RETRY);
            }
        });
        context.world().after(REQUEST_TIMEOUT, () -> {
            if (answered < mine) {
                context.trace(name, "gives up waiting for a fetch");
                link.hangUp();
            }
        });
    }

    private int maxBytes() {
        return 100 + random.nextInt(6000);
    }

    private void taken(List<Known> known, List<FetchQuery.Part> asked, FetchResult result, boolean prompt) {
        // What was reserved for one part is not there for another, even if the first then fails.
        boolean nothingElse = true;
        for (FetchResult.Part part : result.parts()) {
            nothingElse &= part instanceof FetchResult.Records records && records.sizeInBytes() == 0;
        }
        boolean failed = false;
        for (int i = 0; i < asked.size(); i++) {
            switch (result.parts().get(i)) {
                case FetchResult.Records records -> taken(known.get(i), asked.get(i), records, prompt && nothingElse);
                case FetchResult.Failed failure -> {
                    failed = true;
                    refused(known.get(i), asked.get(i), failure.cause());
                }
            }
        }
        later(failed ? RETRY : pause);
    }

    private void taken(Known known, FetchQuery.Part asked, FetchResult.Records records, boolean mustBring) {
        PartitionFacts partition = known.partition();
        List<ReadBatch> batches;
        try {
            batches = ReadBatch.all(records.records(), "fetch of " + partition.id());
        } catch (RuntimeException damage) {
            throw new InvariantViolation("BytesAtAnOffsetNeverChange", "a fetch brings damage: " + damage, damage);
        }
        context.referee()
                .see(new Observation.Fetched(
                        known, asked.offset(), batches, records.highWatermark(), records.logStartOffset(), mustBring));
        long next = batches.isEmpty() ? asked.offset() : batches.getLast().lastOffset() + 1;
        if (!batches.isEmpty()) {
            context.trace(name, "reads " + asked.offset() + " to " + next + " of " + partition.id());
        }
        boolean atEnd = next >= records.highWatermark();
        positions.replace(partition, rereads && atEnd ? somewhere(records) : next);
    }

    private long somewhere(FetchResult.Records records) {
        long span = records.highWatermark() - records.logStartOffset();
        return random.nextInt(4) == 0 ? records.logStartOffset() : records.logStartOffset() + random.nextLong(span + 1);
    }

    private void refused(Known known, FetchQuery.Part asked, LogException cause) {
        PartitionFacts partition = known.partition();
        context.trace(name, "cannot read " + asked.offset() + " of " + partition.id() + ": " + cause.kind());
        context.referee().see(new Observation.Failed(known, "fetch", asked.offset(), cause));
        if (cause.kind() == Kind.OFFSET_OUT_OF_RANGE) {
            seekToStart(partition);
        } else if (random.nextInt(3) == 0) {
            link.hangUp();
        }
    }

    private void seekToStart(PartitionFacts partition) {
        if (link.isUp()) {
            link.ask(log -> log.lookup(partition.id(), new OffsetQuery.Earliest()), (answer, failure) -> {
                if (answer != null) {
                    positions.replace(partition, answer.offset());
                }
            });
        }
    }
}
