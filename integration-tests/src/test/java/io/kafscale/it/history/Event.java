package io.kafscale.it.history;

import java.util.OptionalInt;

/** Something that a client observed of one topic, or that was done to the cluster. Immutable. */
public sealed interface Event {
    /** The partition that it is about, if it is about one. */
    default OptionalInt place() {
        return OptionalInt.empty();
    }

    /** A producer hands over its next record. */
    record Sent(Source source, long number) implements Event {
        @Override
        public OptionalInt place() {
            return OptionalInt.of(source.partition());
        }
    }

    /** A record was acknowledged. */
    record Acked(Source source, long number, long offset) implements Event {
        @Override
        public OptionalInt place() {
            return OptionalInt.of(source.partition());
        }
    }

    /** A record was acknowledged by this very broker. */
    record AckedBy(int broker, Source source, long number, long offset) implements Event {
        @Override
        public OptionalInt place() {
            return OptionalInt.of(source.partition());
        }
    }

    /** A record may be in the log or not: its producer gave up or was refused. */
    record Unsettled(Source source, long number, String error) implements Event {
        @Override
        public OptionalInt place() {
            return OptionalInt.of(source.partition());
        }
    }

    /** A reader begins to read a partition, or goes elsewhere in it. */
    record ReadFrom(String reader, int partition, long offset) implements Event {
        @Override
        public OptionalInt place() {
            return OptionalInt.of(partition);
        }
    }

    /** A reader got a record. {@code content} is a hash of all that is in it. */
    record Read(String reader, long offset, int leaderEpoch, Source source, long number, int content) implements Event {
        @Override
        public OptionalInt place() {
            return OptionalInt.of(source.partition());
        }
    }

    /** A reader learnt a high watermark. */
    record Watermark(String reader, int partition, long highWatermark) implements Event {
        @Override
        public OptionalInt place() {
            return OptionalInt.of(partition);
        }
    }

    /** This broker, asked at {@code askedNanos}, answered a fetch as the partition's leader. */
    record ServedBy(int broker, int partition, long highWatermark, long askedNanos) implements Event {
        @Override
        public OptionalInt place() {
            return OptionalInt.of(partition);
        }
    }

    /** A member asks to commit an offset. */
    record CommitAsked(String group, int partition, long offset) implements Event {
        @Override
        public OptionalInt place() {
            return OptionalInt.of(partition);
        }
    }

    /** A commit was acknowledged. */
    record CommitAcked(String group, int partition, long offset) implements Event {
        @Override
        public OptionalInt place() {
            return OptionalInt.of(partition);
        }
    }

    /** Somebody who asked at {@code askedNanos} was told a group's committed offset, 0 if there is none. */
    record OffsetFetched(String group, int partition, long offset, long askedNanos) implements Event {
        @Override
        public OptionalInt place() {
            return OptionalInt.of(partition);
        }
    }

    /** Somebody was told who leads a partition in this epoch. */
    record LeaderSeen(int partition, int leaderEpoch, int broker) implements Event {
        @Override
        public OptionalInt place() {
            return OptionalInt.of(partition);
        }
    }

    /** A client failed with an error that its application has to deal with. */
    record ClientFailed(String client, String error) implements Event {}

    /** Something was done to the cluster. */
    record Fault(String what) implements Event {}

    /** A broker that was stopped runs again. */
    record Resumed(int broker) implements Event {}
}
