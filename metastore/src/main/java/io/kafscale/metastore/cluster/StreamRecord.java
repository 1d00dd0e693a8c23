package io.kafscale.metastore.cluster;

import org.jspecify.annotations.Nullable;

/**
 * How far the WAL stream of one broker incarnation has come in its life; it moves forward only. Immutable.
 *
 * @param sealSequence the sequence its seal object was verified at, once it is sealed
 */
public record StreamRecord(
        BrokerIncarnation incarnation,
        State state,
        @Nullable Long sealSequence) {
    /** The stages of a stream's life. */
    public enum State {
        /** Its broker may append. */
        OPEN,
        /** Its broker was judged dead: it must not register again, somebody seals it. */
        CLOSING,
        /** A seal was created and verified: nothing is acknowledged behind it. */
        SEALED,
        /** No tenure names it and its objects were deleted, the seal excepted. */
        COLLECTED
    }

    /** Checks that a seal sequence is there exactly when it has to be. */
    public StreamRecord {
        boolean sealed = state == State.SEALED || state == State.COLLECTED;
        if (sealed != (sealSequence != null) || (sealSequence != null && sealSequence <= 0)) {
            throw new IllegalArgumentException(
                    "stream " + incarnation + " cannot be " + state + " with seal sequence " + sealSequence);
        }
    }

    /** A new stream. */
    public static StreamRecord open(BrokerIncarnation incarnation) {
        return new StreamRecord(incarnation, State.OPEN, null);
    }

    /**
     * Its broker was judged dead.
     *
     * @throws IllegalStateException if it is sealed or collected already
     */
    public StreamRecord closing() {
        return switch (state) {
            case OPEN -> new StreamRecord(incarnation, State.CLOSING, null);
            case CLOSING -> this;
            case SEALED, COLLECTED -> throw illegal("be closing");
        };
    }

    /**
     * A verified seal is at {@code sequence}: made by a takeover, or by its own broker at a clean shutdown.
     *
     * @throws IllegalStateException if it is sealed elsewhere already
     */
    public StreamRecord sealed(long sequence) {
        if (state == State.OPEN || state == State.CLOSING) {
            return new StreamRecord(incarnation, State.SEALED, sequence);
        }
        if (sealSequence != null && sealSequence == sequence) {
            return this;
        }
        throw illegal("be sealed at " + sequence);
    }

    /**
     * Nothing needs its objects any more.
     *
     * @throws IllegalStateException if it is not sealed
     */
    public StreamRecord collected() {
        return switch (state) {
            case SEALED -> new StreamRecord(incarnation, State.COLLECTED, sealSequence);
            case COLLECTED -> this;
            case OPEN, CLOSING -> throw illegal("be collected");
        };
    }

    private IllegalStateException illegal(String move) {
        return new IllegalStateException("stream " + incarnation + " is " + state
                + (sealSequence == null ? "" : " at " + sealSequence) + " and cannot " + move);
    }
}
