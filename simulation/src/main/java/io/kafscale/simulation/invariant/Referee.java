package io.kafscale.simulation.invariant;

import io.kafscale.runtime.TimeSource;
import io.kafscale.simulation.invariant.Observation.Acknowledged;
import io.kafscale.simulation.invariant.Observation.Fetched;
import io.kafscale.simulation.invariant.Observation.Known;
import io.kafscale.simulation.invariant.Observation.OffsetsTold;
import io.kafscale.simulation.invariant.Observation.ReadAll;
import io.kafscale.simulation.invariant.Observation.Sent;
import io.kafscale.simulation.invariant.Observation.SentAgain;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Shows everything that happens to every rule, and then remembers it as what clients know. The first violation ends the history.
 * Confined to the simulation's one thread.
 */
public final class Referee {
    private final List<Invariant> rules;
    private final List<TopicFacts> topics = new ArrayList<>();
    private Optional<InvariantViolation> first = Optional.empty();
    private long observations;

    /** All rules, by this clock. */
    public Referee(TimeSource time) {
        this.rules = List.of(
                new AcknowledgedIsReadable(),
                new NoDuplicateUnderIdempotence(time),
                new OffsetsAreDense(),
                new BytesAtAnOffsetNeverChange(),
                new HighWatermarkNeverMovesBack(),
                new NothingReadableVanishes(time),
                new ProducerOrderKept(),
                new SegmentsAndWalCoverTheLog(),
                new LookupsAgreeWithTheLog(time),
                new LivenessAfterFaultsStop(),
                new BudgetsReturnToZero(),
                new IdleBrokersAskNothing(),
                new StalenessIsBounded(),
                new OnlyTheRegisteredWrite(),
                new NothingIsLeftBehind(),
                new NoTaskFails());
    }

    /** A topic was created. */
    public TopicFacts created(String name, UUID id, String directory, int partitions) {
        var topic = new TopicFacts(name, id, directory, partitions);
        topics.add(topic);
        return topic;
    }

    /** All topics there ever were. */
    public List<TopicFacts> topics() {
        return topics;
    }

    /** Something happened; after the first violation nothing matters any more. */
    public void see(Observation observation) {
        if (first.isPresent()) {
            return;
        }
        observations++;
        try {
            rules.forEach(rule -> rule.see(observation));
            remember(observation);
        } catch (InvariantViolation violation) {
            first = Optional.of(violation);
        }
    }

    /** A rule was found broken, or the simulation itself is, by whoever looked at an answer. */
    public void broken(RuntimeException thrown) {
        if (first.isEmpty()) {
            first = Optional.of(
                    thrown instanceof InvariantViolation violation
                            ? violation
                            : new InvariantViolation("TheSimulationWorks", String.valueOf(thrown), thrown));
        }
    }

    private static void remember(Observation observation) {
        switch (observation) {
            case Sent sent -> sent.partition().sent(sent.batch());
            case SentAgain again -> again.partition().sentAgain(again.batch());
            case Acknowledged done -> {
                done.known()
                        .partition()
                        .acknowledged(done.batch(), done.result().baseOffset());
                told(done.known(), done.result().lastOffset() + 1, done.result().logStartOffset());
            }
            case Fetched fetched -> {
                fetched.batches().forEach(fetched.known().partition()::read);
                told(fetched.known(), fetched.highWatermark(), fetched.logStart());
            }
            case OffsetsTold told -> told(told.known(), told.highWatermark(), told.logStart());
            case ReadAll all -> all.batches().forEach(all.partition()::read);
            default -> {}
        }
    }

    private static void told(Known known, long highWatermark, long logStart) {
        known.partition().sawHighWatermark(known.process(), highWatermark);
        known.partition().sawLogStart(logStart);
    }

    /** The rule that was broken first, if one was. */
    public Optional<InvariantViolation> violation() {
        return first;
    }

    /** How much was checked. */
    public long observations() {
        return observations;
    }
}
