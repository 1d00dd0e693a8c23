package io.kafscale.log.read;

import io.kafscale.log.EpochEnd;
import io.kafscale.log.FetchQuery;
import io.kafscale.log.FetchResult;
import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.log.internal.Deadlines;
import io.kafscale.log.partition.BatchSlices;
import io.kafscale.log.partition.PartitionLog;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Fetches over several partitions. What is there is counted before anything is read: a fetch that would not get its
 * {@code minBytes} is parked until the high watermarks say that it does, or until its deadline; one with an error, or with enough,
 * is answered at once. Belongs to the log loop; futures complete on it.
 */
public final class FetchPlanner {
    private static final int NO_ROOM = -1;

    private final EventLoop loop;
    private final Deadlines deadlines;
    private final LogReader reader;
    private final EpochLookup epochs;
    private final PartitionLookup partitions;
    private final ReadSettings settings;
    private int parked;

    /** A planner with nothing parked. */
    public FetchPlanner(
            EventLoop loop,
            Deadlines deadlines,
            LogReader reader,
            EpochLookup epochs,
            PartitionLookup partitions,
            ReadSettings settings) {
        this.loop = loop;
        this.deadlines = deadlines;
        this.reader = reader;
        this.epochs = epochs;
        this.partitions = partitions;
        this.settings = settings;
    }

    /** What one partition of a fetch can have: a partition to read from, or why there is none. */
    private sealed interface Candidate {
        record Led(FetchQuery.Part part, PartitionLog log) implements Candidate {}

        record Refused(FetchQuery.Part part, LogException cause) implements Candidate {}

        /** The offset lies beyond the end, unless this broker has been replaced and the log has grown elsewhere. */
        record Beyond(FetchQuery.Part part, PartitionLog log) implements Candidate {}
    }

    /** Answers a fetch, now or when there is enough; fails only if this code is wrong. */
    public CompletableFuture<FetchResult> fetch(FetchQuery query) {
        List<Candidate> candidates = candidates(query);
        boolean impatient = candidates.isEmpty()
                || query.deadlineNanos() - loop.time().nanoTime() <= 0
                || parked >= settings.mostParked();
        if (impatient || !candidates.stream().allMatch(FetchPlanner::mayWait)) {
            return read(query, candidates);
        }
        var waiter = new FetchWaiter(loop, query.minBytes());
        for (Candidate candidate : candidates) {
            if (candidate instanceof Candidate.Led led) {
                waiter.add(
                        led.log(),
                        available(led.log(), led.part(), query.minBytes()),
                        led.part().maxBytes());
            }
        }
        if (waiter.hasEnough()) {
            return read(query, candidates);
        }
        parked++;
        return waiter.park(deadlines, query.deadlineNanos()).thenCompose(nothing -> {
            parked--;
            return read(query, candidates(query));
        });
    }

    /** Errors are answered at once, and so is a client that may have to truncate its log. */
    private static boolean mayWait(Candidate candidate) {
        if (!(candidate instanceof Candidate.Led(FetchQuery.Part part, PartitionLog log))) {
            return false;
        }
        if (part.lastFetchedEpoch().isEmpty()) {
            return true;
        }
        int lastEpoch = part.lastFetchedEpoch().getAsInt();
        return log.epochs()
                .endOf(lastEpoch, log.highWatermark())
                .map(end -> end.leaderEpoch() == lastEpoch && end.endOffset() >= part.offset())
                .orElse(false);
    }

    /** Fetches parked now. */
    public int parked() {
        return parked;
    }

    private List<Candidate> candidates(FetchQuery query) {
        var candidates = new ArrayList<Candidate>(query.partitions().size());
        for (FetchQuery.Part part : query.partitions()) {
            candidates.add(candidate(part));
        }
        return candidates;
    }

    private Candidate candidate(FetchQuery.Part part) {
        PartitionLog log;
        try {
            log = partitions.leading(part.partition());
        } catch (LogException notHere) {
            return new Candidate.Refused(part, notHere);
        }
        LogException problem = log.closed() != null ? log.closed() : log.epochProblem(part.currentLeaderEpoch());
        if (problem != null) {
            return new Candidate.Refused(part, problem);
        }
        if (part.offset() > log.logEnd() && !log.stored().leadership().isCertain()) {
            return new Candidate.Beyond(part, log);
        }
        if (part.offset() < log.logStart() || part.offset() > log.logEnd()) {
            return new Candidate.Refused(part, LogReader.outOfRange(log, part.offset()));
        }
        return new Candidate.Led(part, log);
    }

    /** Bytes that can be read from an offset on; counting stops at {@code enough}, and segments always are. */
    private static long available(PartitionLog log, FetchQuery.Part part, long enough) {
        if (part.offset() >= log.highWatermark()) {
            return 0;
        }
        if (part.offset() >= log.tail().memoryStart(log.highWatermark())) {
            return log.tail().bytesFrom(part.offset(), enough);
        }
        return part.offset() < log.stored().coveredOffset()
                ? Math.max(1, enough)
                : log.stored().waiting().bytesFrom(part.offset(), enough);
    }

    /**
     * Reads the partitions until one with data brings some, or all that have data have failed: the room that was kept for one that
     * fails goes to those behind it, so that none keeps a client from the others.
     */
    private CompletableFuture<FetchResult> read(FetchQuery query, List<Candidate> candidates) {
        var pins = new Pins();
        return read(query, candidates, patienceEnds(query), pins)
                .thenApply(parts -> new FetchResult(parts, pins::release))
                .whenComplete((result, failure) -> {
                    if (failure != null) {
                        pins.release();
                    }
                });
    }

    private CompletableFuture<List<FetchResult.Part>> read(
            FetchQuery query, List<Candidate> candidates, long untilNanos, Pins pins) {
        return readOnce(query, candidates, pins).thenCompose(result -> {
            List<Candidate> left = withoutFailed(candidates, result);
            boolean again = isStarved(candidates, result)
                    && !left.equals(candidates)
                    && loop.time().nanoTime() < untilNanos;
            return again ? read(query, left, untilNanos, pins) : CompletableFuture.completedFuture(result);
        });
    }

    /** Whether nothing was brought, though one has data. */
    private static boolean isStarved(List<Candidate> candidates, List<FetchResult.Part> result) {
        boolean starved = false;
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.get(i) instanceof Candidate.Led(FetchQuery.Part part, PartitionLog log)
                    && result.get(i) instanceof FetchResult.Records records
                    && records.divergence().isEmpty()) {
                if (records.sizeInBytes() > 0) {
                    return false;
                }
                starved |= part.offset() < log.highWatermark();
            }
        }
        return starved;
    }

    private static List<Candidate> withoutFailed(List<Candidate> candidates, List<FetchResult.Part> result) {
        var left = new ArrayList<Candidate>(candidates.size());
        for (int i = 0; i < candidates.size(); i++) {
            Candidate candidate = candidates.get(i);
            left.add(
                    candidate instanceof Candidate.Led(FetchQuery.Part part, PartitionLog _)
                                    && result.get(i) instanceof FetchResult.Failed failed
                            ? new Candidate.Refused(part, failed.cause())
                            : candidate);
        }
        return left;
    }

    /**
     * Reads every partition, all at the same time, each within what the ones before it left of {@code maxBytes}. The first one with
     * data gets a whole batch in any case.
     */
    private CompletableFuture<List<FetchResult.Part>> readOnce(
            FetchQuery query, List<Candidate> candidates, Pins pins) {
        var parts = new ArrayList<CompletableFuture<FetchResult.Part>>(candidates.size());
        int left = granted(query, candidates);
        boolean first = true;
        boolean refused = left == NO_ROOM;
        for (Candidate candidate : candidates) {
            switch (candidate) {
                case Candidate.Refused no ->
                    parts.add(CompletableFuture.completedFuture(
                            new FetchResult.Failed(no.part().partition(), no.cause())));
                case Candidate.Beyond(FetchQuery.Part part, PartitionLog log) -> parts.add(beyond(query, part, log));
                case Candidate.Led(FetchQuery.Part part, PartitionLog log) -> {
                    boolean hasData = part.offset() < log.highWatermark();
                    int most = Math.min(left, Math.max(0, part.maxBytes()));
                    if (!hasData || refused || (most == 0 && !first)) {
                        parts.add(withDivergence(part, log, BatchSlices.none(part.offset())));
                        continue;
                    }
                    CompletableFuture<BatchSlices> reading = reader.read(log, part.offset(), most, first, pins);
                    BatchSlices ready = readyOrNull(reading);
                    long expected = ready != null ? ready.bytes() : available(log, part, most);
                    left -= (int) Math.min(left, expected);
                    first = false;
                    parts.add(patient(query, part, log, reading));
                }
            }
        }
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .thenApply(
                        nothing -> parts.stream().map(CompletableFuture::join).toList());
    }

    /** Bytes that may be read of what there is, or {@link #NO_ROOM}. */
    private static int granted(FetchQuery query, List<Candidate> candidates) {
        int most = Math.max(0, query.maxBytes());
        long wanted = 0;
        for (Candidate candidate : candidates) {
            if (candidate instanceof Candidate.Led(FetchQuery.Part part, PartitionLog log)
                    && part.offset() < log.highWatermark()) {
                wanted += Math.max(1, available(log, part, Math.min(most, Math.max(0, part.maxBytes()))));
            }
        }
        if (wanted == 0) {
            return most;
        }
        int granted = query.room().grant(Math.clamp(wanted, 1, Math.max(1, most)));
        return granted == 0 ? NO_ROOM : Math.min(most, granted);
    }

    /** Clients take it for final that an offset is out of range. */
    private CompletableFuture<FetchResult.Part> beyond(FetchQuery query, FetchQuery.Part part, PartitionLog log) {
        var answer = new CompletableFuture<FetchResult.Part>();
        Deadlines.Pending deadline = deadlines.at(
                patienceEnds(query),
                () -> answer.complete(failed(
                        part,
                        log,
                        new LogException(
                                Kind.TIMED_OUT, "whether this broker still leads was not found out in time"))));
        log.stored().leadership().ascertain().whenComplete((nothing, doubt) -> {
            deadline.cancel();
            answer.complete(failed(part, log, doubt == null ? LogReader.outOfRange(log, part.offset()) : doubt));
        });
        return answer;
    }

    private long patienceEnds(FetchQuery query) {
        return Math.max(loop.time().nanoTime(), query.deadlineNanos())
                + settings.patience().toNanos();
    }

    private static @Nullable BatchSlices readyOrNull(CompletableFuture<BatchSlices> reading) {
        return reading.state() == Future.State.SUCCESS ? reading.resultNow() : null;
    }

    /** What the store does not bring in time is left to the next fetch, which finds it in the cache. */
    private CompletableFuture<FetchResult.Part> patient(
            FetchQuery query, FetchQuery.Part part, PartitionLog log, CompletableFuture<BatchSlices> reading) {
        if (reading.isDone()) {
            return reading.thenCompose(read -> withDivergence(part, log, read))
                    .exceptionally(failure -> failed(part, log, failure));
        }
        var inTime = new CompletableFuture<BatchSlices>();
        Deadlines.Pending deadline =
                deadlines.at(patienceEnds(query), () -> inTime.complete(BatchSlices.none(part.offset())));
        reading.whenComplete((read, failure) -> {
            deadline.cancel();
            if (failure == null) {
                inTime.complete(read);
            } else {
                inTime.completeExceptionally(failure);
            }
        });
        return inTime.thenCompose(read -> withDivergence(part, log, read))
                .exceptionally(failure -> failed(part, log, failure));
    }

    private static FetchResult.Part failed(FetchQuery.Part part, PartitionLog log, Throwable failure) {
        LogException cause = LogReader.translated(log, part.offset(), FutureFailure.cause(failure));
        return new FetchResult.Failed(part.partition(), cause);
    }

    /** As Kafka: a client whose last epoch ends elsewhere here than where it thinks is told so, and gets no records. */
    private CompletableFuture<FetchResult.Part> withDivergence(
            FetchQuery.Part part, PartitionLog log, BatchSlices read) {
        if (part.lastFetchedEpoch().isEmpty()) {
            return CompletableFuture.completedFuture(records(part, log, read, Optional.empty()));
        }
        int lastEpoch = part.lastFetchedEpoch().getAsInt();
        return epochs.endOf(log, lastEpoch).thenApply(end -> {
            if (end.equals(EpochEnd.UNDEFINED)) {
                throw new LogException(Kind.OFFSET_OUT_OF_RANGE, "nothing is known of epoch " + lastEpoch + " here");
            }
            boolean diverges = end.leaderEpoch() < lastEpoch || end.endOffset() < part.offset();
            return diverges
                    ? records(part, log, BatchSlices.none(part.offset()), Optional.of(end))
                    : records(part, log, read, Optional.empty());
        });
    }

    private static FetchResult.Part records(
            FetchQuery.Part part, PartitionLog log, BatchSlices read, Optional<EpochEnd> divergence) {
        return new FetchResult.Records(
                part.partition(), log.highWatermark(), log.logStart(), read.slices(), read.bytes(), divergence);
    }
}
