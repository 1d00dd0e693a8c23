package io.kafscale.format.wal;

/**
 * Bounds on what a reader takes for a WAL object. Immutable; any thread.
 *
 * @param maxObjectBytes longest object
 * @param maxFooterBytes longest footer, trailer included
 */
public record WalLimits(int maxObjectBytes, int maxFooterBytes) {
    /** 1 GiB objects with footers up to 256 MiB: far above what writers produce, far below what a process has. */
    public static final WalLimits DEFAULT = new WalLimits(1 << 30, 256 << 20);
}
