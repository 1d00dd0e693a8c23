package io.kafscale.format.wal;

/**
 * The decoded footer of a WAL object: everything that is known of the object but the record data. Starts with a copy of
 * the object's header, so one read of the object's tail is enough. Immutable; any thread.
 */
public sealed interface WalFooter permits WalGenesis, WalData, WalSeal {
    /** The object's header. */
    WalHeader header();
}
