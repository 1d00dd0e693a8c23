package io.kafscale.simulation;

import io.kafscale.log.FetchQuery;
import io.kafscale.log.FetchResult;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.LogService;
import io.kafscale.log.OffsetQuery;
import io.kafscale.simulation.broker.BrokerProcess;
import io.kafscale.simulation.invariant.Observation;
import io.kafscale.simulation.invariant.Observation.Known;
import io.kafscale.simulation.invariant.PartitionFacts;
import io.kafscale.simulation.invariant.ReadBatch;
import io.kafscale.simulation.invariant.Referee;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Reads everything of every partition once more, when nothing goes wrong any more. Confined to the simulation's one thread. */
final class FinalReader {
    private static final Duration RETRY = Duration.ofMillis(500);
    private static final int MAX_BYTES = 20_000;

    private final World world;
    private final Referee referee;
    private final LogService log;
    private int left;

    FinalReader(World world, Referee referee, BrokerProcess process) {
        this.world = world;
        this.referee = referee;
        this.log = process.log();
    }

    /** Begins. */
    void start(List<PartitionFacts> partitions) {
        left = partitions.size();
        partitions.forEach(partition -> new Reading(partition).fromStart());
    }

    /** How many partitions have not been read yet. */
    int left() {
        return left;
    }

    /** One partition. */
    private final class Reading {
        private final PartitionFacts partition;
        private final List<ReadBatch> found = new ArrayList<>();
        private long logStart;
        private long next;

        Reading(PartitionFacts partition) {
            this.partition = partition;
        }

        void fromStart() {
            found.clear();
            log.lookup(partition.id(), new OffsetQuery.Earliest()).whenComplete((answer, failure) -> {
                if (failure != null) {
                    trace("lookup failed: " + failure);
                    world.after(RETRY, this::fromStart);
                } else {
                    logStart = answer.offset();
                    next = logStart;
                    fetch();
                }
            });
        }

        private void fetch() {
            var part = new FetchQuery.Part(partition.id(), next, MAX_BYTES, OptionalInt.empty(), OptionalInt.empty());
            log.fetch(new FetchQuery(List.of(part), 0, MAX_BYTES, world.nowNanos()))
                    .whenComplete((result, failure) -> {
                        try {
                            take(result, failure);
                            if (result != null) {
                                result.release().run();
                            }
                        } catch (RuntimeException thrown) {
                            referee.broken(thrown);
                        }
                    });
        }

        private void take(@Nullable FetchResult result, @Nullable Throwable failure) {
            if (result != null && result.parts().getFirst() instanceof FetchResult.Records records) {
                found.addAll(ReadBatch.all(records.records(), "last read of " + partition.id()));
                next = found.isEmpty() ? next : Math.max(next, found.getLast().lastOffset() + 1);
                if (next < records.highWatermark()) {
                    fetchOn(records);
                } else {
                    referee.see(
                            new Observation.ReadAll(partition, List.copyOf(found), records.highWatermark(), logStart));
                    left--;
                }
            } else if (result != null && result.parts().getFirst() instanceof FetchResult.Failed failed) {
                if (failed.cause().kind() == Kind.CORRUPT) {
                    var known = Known.now(partition, "the last broker", false);
                    referee.see(new Observation.Failed(known, "last read", next, failed.cause()));
                }
                trace("read at " + next + " failed: " + failed.cause());
                world.after(RETRY, this::fromStart);
            } else if (failure != null) {
                trace("read at " + next + " failed: " + failure);
                world.after(RETRY, this::fromStart);
            }
        }

        private void trace(String what) {
            world.trace().add("last reader", partition.id() + ": " + what);
        }

        private void fetchOn(FetchResult.Records records) {
            if (records.records().isEmpty()) {
                trace("read at " + next + " brought nothing");
                world.after(RETRY, this::fetch);
            } else {
                fetch();
            }
        }
    }
}
