package io.kafscale.coordinator;

/**
 * This host does not own a shard, or no longer: another incarnation took it, its stored state cannot be read, or the store refused
 * for good. Whoever wants the shard back acquires it again.
 */
public final class ShardLostException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final int shard;

    ShardLostException(int shard, String why) {
        super("group shard " + shard + ": " + why);
        this.shard = shard;
    }

    ShardLostException(int shard, String why, Throwable cause) {
        super("group shard " + shard + ": " + why, cause);
        this.shard = shard;
    }

    /** The shard. */
    public int shard() {
        return shard;
    }
}
