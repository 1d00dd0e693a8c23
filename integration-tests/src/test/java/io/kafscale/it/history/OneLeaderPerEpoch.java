package io.kafscale.it.history;

import io.kafscale.it.history.Event.AckedBy;
import io.kafscale.it.history.Event.LeaderSeen;
import io.kafscale.it.history.Event.Read;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * In one leader epoch one broker leads: whoever is named as leader, and whoever acknowledged a record that bears the epoch. What it
 * acknowledged is in the log under its epoch.
 */
final class OneLeaderPerEpoch implements Rule {
    private record Reign(int partition, int leaderEpoch) {}

    private final Map<Reign, Integer> leaders = new HashMap<>();
    private final Map<Integer, LongTable> epochs = new HashMap<>();
    private final List<AckedBy> acknowledgements = new ArrayList<>();

    @Override
    public void observe(Entry entry, Verdict verdict) {
        switch (entry.event()) {
            case LeaderSeen seen ->
                leads(new Reign(seen.partition(), seen.leaderEpoch()), seen.broker(), seen, verdict);
            case AckedBy acked -> acknowledgements.add(acked);
            case Read read ->
                epochs.computeIfAbsent(read.source().partition(), _ -> new LongTable())
                        .put(read.offset(), read.leaderEpoch());
            default -> {}
        }
    }

    private void leads(Reign reign, int broker, Event how, Verdict verdict) {
        Integer before = leaders.putIfAbsent(reign, broker);
        if (before != null && before != broker) {
            verdict.violated(
                    reign.partition, "%s, though broker %d led in epoch %d".formatted(how, before, reign.leaderEpoch));
        }
    }

    @Override
    public void finish(Verdict verdict) {
        for (AckedBy acked : acknowledgements) {
            int partition = acked.source().partition();
            LongTable log = epochs.getOrDefault(partition, new LongTable());
            if (log.contains(acked.offset())) {
                leads(new Reign(partition, (int) log.get(acked.offset())), acked.broker(), acked, verdict);
            }
        }
    }
}
