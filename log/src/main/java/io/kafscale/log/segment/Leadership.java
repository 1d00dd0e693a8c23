package io.kafscale.log.segment;

import io.kafscale.log.LogException;
import java.util.concurrent.CompletableFuture;

/**
 * Whether this broker still leads what it believes to lead. One that stood still for a while, or that the metadata store does not
 * hear, may have been replaced without knowing: then what it knows of its partitions is from before. Whoever is about to say
 * something final that may be wrong for that reason alone (records out of order, offsets beyond the end, damage), or to leave
 * something behind in the stores that only the leader should, asks here first. Belongs to the log loop.
 */
public interface Leadership {
    /**
     * Whether that is certain without asking anybody, because the metadata store has confirmed the broker's registration within its
     * time to live.
     */
    boolean isCertain();

    /**
     * Makes sure.
     *
     * @return completes, on the loop, once it is certain that nobody had taken this broker's place when it was asked; at once where
     *     it is certain anyway. Fails with {@link LogException}: NOT_LEADER if somebody has, STORAGE_UNAVAILABLE if that cannot be
     *     found out
     */
    CompletableFuture<Void> ascertain();
}
