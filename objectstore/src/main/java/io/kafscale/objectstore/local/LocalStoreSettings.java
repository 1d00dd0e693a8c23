package io.kafscale.objectstore.local;

import java.nio.file.Path;

/**
 * Where a local store lives and how it treats the disk.
 *
 * @param directory the store's root; created if absent
 * @param fsync whether a put is answered only when its bytes and its name are on the disk. Without it a power failure loses
 *     acknowledged records: for benchmarks and tests only
 * @param maxConcurrentPuts how many puts touch the disk at a time; further ones wait
 * @param maxConcurrentReads the same for gets, lists and deletes together
 */
public record LocalStoreSettings(Path directory, boolean fsync, int maxConcurrentPuts, int maxConcurrentReads) {
    /** Checks the bounds. */
    public LocalStoreSettings {
        if (maxConcurrentPuts < 1 || maxConcurrentReads < 1) {
            throw new IllegalArgumentException("a local store needs at least one put and one read at a time");
        }
    }

    /** Safe defaults for a store in {@code directory}. */
    public static LocalStoreSettings in(Path directory) {
        return new LocalStoreSettings(directory, true, 32, 32);
    }

    /** The same without fsync. */
    public LocalStoreSettings withoutFsync() {
        return new LocalStoreSettings(directory, false, maxConcurrentPuts, maxConcurrentReads);
    }
}
