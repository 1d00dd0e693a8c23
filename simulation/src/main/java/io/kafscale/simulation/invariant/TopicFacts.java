package io.kafscale.simulation.invariant;

import io.kafscale.log.TopicSettings;
import io.kafscale.metastore.cluster.PartitionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;

/** What the clients of a history know of one topic. Confined to the simulation's one thread. */
public final class TopicFacts {
    private final String name;
    private final UUID id;
    private final String directory;
    private final List<PartitionFacts> partitions = new ArrayList<>();
    private Duration shortestRetention = Duration.ofDays(10_000);
    private OptionalLong smallestRetentionBytes = OptionalLong.empty();
    private boolean deleting;

    TopicFacts(String name, UUID id, String directory, int partitions) {
        this.name = name;
        this.id = id;
        this.directory = directory;
        addPartitions(partitions);
    }

    /** Its name, which other topics may have had before. */
    public String name() {
        return name;
    }

    /** Its id. */
    public UUID id() {
        return id;
    }

    /** Where its segments are. */
    public String directory() {
        return directory;
    }

    /** Its partitions by number. */
    public List<PartitionFacts> partitions() {
        return partitions;
    }

    /** There are so many partitions now. */
    public void addPartitions(int total) {
        while (partitions.size() < total) {
            partitions.add(new PartitionFacts(this, new PartitionId(id, partitions.size())));
        }
    }

    /** Somebody has asked for its deletion. */
    public void delete() {
        deleting = true;
    }

    /** Whether somebody has asked for its deletion. */
    public boolean isDeleting() {
        return deleting;
    }

    /** Somebody has asked for these settings. */
    public void mayHave(TopicSettings settings) {
        if (settings.keepsEverything()) {
            return;
        }
        settings.retention()
                .filter(retention -> retention.compareTo(shortestRetention) < 0)
                .ifPresent(retention -> shortestRetention = retention);
        if (settings.retentionBytes().isPresent()) {
            long bytes = settings.retentionBytes().getAsLong();
            smallestRetentionBytes = OptionalLong.of(Math.min(bytes, smallestRetentionBytes.orElse(bytes)));
        }
    }

    /** The shortest time it ever had to keep records. */
    public Duration shortestRetention() {
        return shortestRetention;
    }

    /** The smallest size it ever had to keep, if there was a bound at all. */
    public OptionalLong smallestRetentionBytes() {
        return smallestRetentionBytes;
    }

    @Override
    public String toString() {
        return name + " (" + id + ")";
    }
}
