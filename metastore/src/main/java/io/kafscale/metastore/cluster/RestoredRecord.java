package io.kafscale.metastore.cluster;

/** A value that a rebuilt namespace shall have. Immutable. */
public sealed interface RestoredRecord {
    /** A topic. */
    record Topic(TopicRecord topic) implements RestoredRecord {}

    /** There is no topic of this name. */
    record NoTopic(String name) implements RestoredRecord {}

    /** A deleted topic. */
    record Tombstone(TopicTombstone topic) implements RestoredRecord {}

    /** How many topics of a name there were, at least. */
    record Generation(String name, long last) implements RestoredRecord {}

    /** The topic that holds the claim to its name. */
    record Claim(String name) implements RestoredRecord {}

    /** Nobody holds the claim to a name, given as it collides. */
    record NoClaim(String collapsedName) implements RestoredRecord {}

    /** A partition. */
    record Partition(PartitionRecord partition) implements RestoredRecord {}

    /** A WAL stream. */
    record Stream(StreamRecord stream) implements RestoredRecord {}
}
