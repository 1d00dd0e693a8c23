package io.kafscale.format.wal;

/** What could be made of the last bytes of a WAL object. Immutable; any thread. */
public sealed interface WalTail {
    /** The footer was there whole. */
    record Complete(WalFooter footer) implements WalTail {}

    /**
     * The footer is longer than the bytes that were read.
     *
     * @param tailBytes how many of the object's last bytes hold it; never more than the object has
     */
    record Incomplete(int tailBytes) implements WalTail {}
}
