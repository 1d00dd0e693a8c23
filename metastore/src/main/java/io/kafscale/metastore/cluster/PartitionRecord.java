package io.kafscale.metastore.cluster;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Who leads a partition, and which offsets of it are where. Immutable; a legal move is a method that returns the next record, and
 * an illegal one throws {@link IllegalStateException} that names what is wrong. Offsets never go back, epochs only grow.
 *
 * <p>Below {@link #segmentEndOffset()} everything is in segments. The tenures, oldest first and without a gap between them, are
 * those that reach above it (and above the log start offset). A tenure keeps its true start when the segment end moves into it,
 * because a chunk that straddles the segment end still has to lie inside.
 *
 * @param leader who may append now, or null if the last leader gave it up
 * @param leaderEpoch grows by one with each new leader, from 0 on
 * @param logStartOffset the first offset clients may read
 * @param segmentEndOffset the first offset that is not in a segment
 * @param tenures at most {@value #MAX_TENURES}; the last one is open exactly while there is a leader
 */
public record PartitionRecord(
        UUID topicId,
        int partition,
        @Nullable BrokerIncarnation leader,
        int leaderEpoch,
        long logStartOffset,
        long segmentEndOffset,
        List<Tenure> tenures) {
    /** The most tenures of one record: before there can be another, segments are written. */
    public static final int MAX_TENURES = 8;

    /** Checks that the parts fit together and copies the list. */
    public PartitionRecord {
        tenures = List.copyOf(tenures);
        String problem = problem(leader, leaderEpoch, Math.max(logStartOffset, segmentEndOffset), tenures);
        if (partition < 0 || logStartOffset < 0 || segmentEndOffset < 0) {
            problem = "negative numbers";
        }
        if (problem != null) {
            throw new IllegalArgumentException("partition " + topicId + "/" + partition + " led by " + leader
                    + " in epoch "
                    + leaderEpoch + " from " + logStartOffset + ", segments to " + segmentEndOffset + ", with tenures "
                    + tenures + ": " + problem);
        }
    }

    /** The record of a partition that nobody led before. */
    public static PartitionRecord first(UUID topicId, int partition, BrokerIncarnation leader) {
        return new PartitionRecord(topicId, partition, leader, 0, 0, 0, List.of(Tenure.open(0, leader, 0)));
    }

    /** The partition's name. */
    public PartitionId id() {
        return new PartitionId(topicId, partition);
    }

    /** Whether {@code incarnation} leads it. */
    public boolean ledBy(BrokerIncarnation incarnation) {
        return incarnation.equals(leader);
    }

    /** The leader's tenure, while there is a leader. */
    public Optional<Tenure> openTenure() {
        return leader == null ? Optional.empty() : Optional.of(tenures.getLast());
    }

    /** The offset below which no WAL object is needed: in segments, or no longer readable. */
    public long coveredOffset() {
        return Math.max(logStartOffset, segmentEndOffset);
    }

    /** The log end offset, which the record knows only while nobody leads. */
    public OptionalLong endOffset() {
        return leader == null ? OptionalLong.of(closedEnd()) : OptionalLong.empty();
    }

    /** Whether a chunk of a WAL stream counts: it lies inside a tenure of its own stream and epoch. */
    public boolean counts(BrokerIncarnation stream, int epoch, long baseOffset, long lastOffset) {
        for (Tenure tenure : tenures) {
            if (tenure.leaderEpoch() == epoch && tenure.stream().equals(stream)) {
                return tenure.holds(baseOffset, lastOffset);
            }
        }
        return false;
    }

    /** Whether another leader may follow before more is in segments. */
    public boolean hasRoomForTenure() {
        return tenures.size() < MAX_TENURES;
    }

    /**
     * Leadership goes from a dead leader to {@code newLeader}, after the old stream was sealed and read.
     *
     * @param endOfOpenTenure the offset after the last one the old leader's stream holds of this partition
     */
    public PartitionRecord takeOver(BrokerIncarnation newLeader, long endOfOpenTenure) {
        if (leader == null) {
            throw illegal("be taken over by " + newLeader + ": nobody leads it");
        }
        if (leader.equals(newLeader)) {
            throw illegal("be taken over by " + newLeader + ", which leads it");
        }
        if (leader.brokerId() == newLeader.brokerId() && newLeader.brokerEpoch() < leader.brokerEpoch()) {
            throw illegal("be taken over by " + newLeader + ", an earlier incarnation of its leader");
        }
        return release(endOfOpenTenure).acquire(newLeader);
    }

    /** {@code newLeader} begins to lead a partition whose last leader gave it up. */
    public PartitionRecord acquire(BrokerIncarnation newLeader) {
        if (leader != null) {
            throw illegal("be acquired by " + newLeader + ": it has a leader");
        }
        if (!hasRoomForTenure()) {
            throw illegal(
                    "be led by " + newLeader + ": it has " + MAX_TENURES + " tenures, segments must be written first");
        }
        if (leaderEpoch == Integer.MAX_VALUE) {
            throw illegal("be led by " + newLeader + ": there is no higher epoch");
        }
        var next = new ArrayList<>(tenures);
        next.add(Tenure.open(leaderEpoch + 1, newLeader, closedEnd()));
        return new PartitionRecord(
                topicId, partition, newLeader, leaderEpoch + 1, logStartOffset, segmentEndOffset, next);
    }

    /** The leader gives it up; its log ends at {@code finalOffset}. */
    public PartitionRecord release(long finalOffset) {
        Tenure open = openTenure().orElseThrow(() -> illegal("be released: nobody leads it"));
        if (finalOffset < open.startOffset() || finalOffset < coveredOffset() || finalOffset == Tenure.OPEN) {
            throw illegal("end at " + finalOffset);
        }
        var next = new ArrayList<>(tenures.subList(0, tenures.size() - 1));
        next.add(open.closedAt(finalOffset));
        return with(null, logStartOffset, segmentEndOffset, next);
    }

    /** Segments now reach up to {@code offset}; tenures wholly below are forgotten. */
    public PartitionRecord advanceSegmentEnd(long offset) {
        if (offset < segmentEndOffset) {
            throw illegal("move its segment end back to " + offset);
        }
        checkWithinLog(offset, "segment end");
        return offset == segmentEndOffset ? this : with(leader, logStartOffset, offset, tenures);
    }

    /** Offsets below {@code offset} are no longer readable; tenures wholly below are forgotten. */
    public PartitionRecord advanceLogStart(long offset) {
        if (offset < logStartOffset) {
            throw illegal("move its log start back to " + offset);
        }
        checkWithinLog(offset, "log start");
        return offset == logStartOffset ? this : with(leader, offset, segmentEndOffset, tenures);
    }

    private void checkWithinLog(long offset, String what) {
        if (offset == Tenure.OPEN || (leader == null && offset > closedEnd())) {
            throw illegal("move its " + what + " beyond its end to " + offset);
        }
    }

    private PartitionRecord with(
            @Nullable BrokerIncarnation nextLeader, long nextLogStart, long nextSegmentEnd, List<Tenure> nextTenures) {
        long covered = Math.max(nextLogStart, nextSegmentEnd);
        var kept = new ArrayList<Tenure>(nextTenures.size());
        for (Tenure tenure : nextTenures) {
            if (tenure.endOffset() > covered && !tenure.isEmpty()) {
                kept.add(tenure);
            }
        }
        return new PartitionRecord(topicId, partition, nextLeader, leaderEpoch, nextLogStart, nextSegmentEnd, kept);
    }

    private long closedEnd() {
        return tenures.isEmpty() ? coveredOffset() : tenures.getLast().endOffset();
    }

    private static @Nullable String problem(
            @Nullable BrokerIncarnation leader, int leaderEpoch, long covered, List<Tenure> tenures) {
        if (tenures.size() > MAX_TENURES) {
            return "more than " + MAX_TENURES + " tenures";
        }
        for (int i = 0; i < tenures.size(); i++) {
            Tenure tenure = tenures.get(i);
            if (i > 0) {
                Tenure before = tenures.get(i - 1);
                if (tenure.startOffset() != before.endOffset() || tenure.leaderEpoch() <= before.leaderEpoch()) {
                    return "tenures that do not follow each other";
                }
            } else if (tenure.startOffset() > covered) {
                return "offsets missing before the first tenure";
            }
            boolean last = i == tenures.size() - 1;
            if (tenure.isOpen() != (last && leader != null)) {
                return "an open tenure is the last one, while there is a leader";
            }
            if (tenure.endOffset() <= covered || tenure.isEmpty()) {
                return "a tenure without an offset that only the WAL has";
            }
        }
        if (leader == null) {
            return !tenures.isEmpty() && tenures.getLast().leaderEpoch() > leaderEpoch
                    ? "a tenure of a later epoch"
                    : null;
        }
        if (tenures.isEmpty()) {
            return "a leader without a tenure";
        }
        Tenure open = tenures.getLast();
        return open.leaderEpoch() == leaderEpoch && open.stream().equals(leader)
                ? null
                : "the open tenure is not the leader's";
    }

    private IllegalStateException illegal(String move) {
        return new IllegalStateException(
                "partition " + id() + " (leader " + leader + ", epoch " + leaderEpoch + ", log start " + logStartOffset
                        + ", segment end " + segmentEndOffset + ", tenures " + tenures + ") cannot " + move);
    }
}
