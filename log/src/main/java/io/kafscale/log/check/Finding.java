package io.kafscale.log.check;

import org.jspecify.annotations.Nullable;

/**
 * One thing that is not as it should be. Immutable; any thread.
 *
 * @param kind what kind of thing
 * @param severity what it means to those whose records are stored
 * @param key the object's key, or the key in the metadata store; null if it is about neither
 * @param partition {@code topic-partition} (and the topic's id), or null
 * @param offsets the offsets concerned, or null
 * @param what what is wrong, in one sentence
 * @param consequence what follows from it
 * @param remedy what to do
 */
public record Finding(
        Kind kind,
        Severity severity,
        @Nullable String key,
        @Nullable String partition,
        @Nullable Offsets offsets,
        String what,
        String consequence,
        String remedy) {

    /** What a finding means. */
    public enum Severity {
        /** Something that was acknowledged is or may be missing or unreadable, or what will be acknowledged may be lost. */
        DAMAGE,
        /** Nothing acknowledged is concerned: space is wasted, or something is slower than it need be. */
        WARNING
    }

    /**
     * Offsets, both inclusive.
     *
     * @param last {@link Long#MAX_VALUE} where it is not known how far it goes
     */
    public record Offsets(long first, long last) {
        @Override
        public String toString() {
            return first + ".." + (last == Long.MAX_VALUE ? "" : last);
        }
    }

    /** Kinds of findings, with what usually follows and what to do. */
    public enum Kind {
        /** Offsets that are in no segment and in no WAL object. */
        GAP(
                "These records are lost unless a copy of the objects exists; consumers that come here get errors.",
                "Look for deleted objects (versions of the bucket, a copy of it) and put them back under their keys."),
        /** Two objects hold different records at the same offset. */
        OVERLAP(
                "Consumers may see one or the other.",
                "Compare the objects with 'kafscale segment inspect' and keep a copy of both before anything else."),
        /** An object that cannot be read or is not what its key says. */
        UNREADABLE_OBJECT(
                "The records in it cannot be served.",
                "Put an intact copy back (a version of the bucket, a backup) under the same key."),
        /** A segment without an index. */
        INDEX_MISSING("Brokers rebuild it when they read the segment.", "fsck --repair writes it."),
        /** An index that is damaged, or that is of another segment. */
        INDEX_DAMAGED("Brokers rebuild it in memory with every start.", "fsck --repair replaces it."),
        /** Objects of a WAL stream that nobody needs. */
        ORPHAN_STREAM("It takes space.", "Brokers delete it a grace after their start; fsck --repair does it now."),
        /** Segments below the log start. */
        BELOW_LOG_START("It takes space.", "The leader deletes it; fsck --repair does it now."),
        /** A segment that no record accounts for. */
        STRAY_SEGMENT("Brokers do not serve it.", "Keep it until you know where it comes from."),
        /** Objects of a deleted topic. */
        DELETED_TOPIC("It takes space.", "Brokers delete it a grace after their start; fsck --repair does it now."),
        /** A directory of a topic that the metadata does not know. */
        UNKNOWN_TOPIC("No broker serves it.", "Nothing deletes it; see the operations guide."),
        /** Objects that belong to another topic id than their directory. */
        TOPIC_ID_MISMATCH("Records of another topic may be served.", "See the operations guide."),
        /** A key in the namespace that is none of ours. */
        UNKNOWN_KEY("Brokers ignore it.", "Delete it if you know what it is."),
        /** What a killed process left. */
        LEFTOVER("It takes space.", "It may be deleted while no broker runs."),
        /** Records in the metadata store that contradict each other. */
        METADATA_INCONSISTENT("Partitions may stay closed.", "See the operations guide, 'Backup and recovery'."),
        /** A value in the metadata store that cannot be read. */
        METADATA_UNREADABLE("What it described is not served.", "Restore the metadata, or run 'kafscale recover'."),
        /** Bucket and metadata do not belong together, or one is older than the other. */
        CLUSTER_IDENTITY("No broker starts on them.", "Point at the right stores, or run 'kafscale recover'."),
        /** A number that was used may be given out again. */
        COUNTER_BEHIND(
                "The metadata is older than the bucket: numbers may be given out twice and new records be lost.",
                "Stop the brokers and run 'kafscale recover'.");

        private final String consequence;
        private final String remedy;

        Kind(String consequence, String remedy) {
            this.consequence = consequence;
            this.remedy = remedy;
        }
    }

    /** What a killed process left under this name. */
    public static Finding leftover(String name, String what) {
        return warning(Kind.LEFTOVER, what).at(name);
    }

    static Finding damage(Kind kind, String what) {
        return of(kind, Severity.DAMAGE, what);
    }

    static Finding warning(Kind kind, String what) {
        return of(kind, Severity.WARNING, what);
    }

    static Finding of(Kind kind, Severity severity, String what) {
        return new Finding(kind, severity, null, null, null, what, kind.consequence, kind.remedy);
    }

    Finding at(String objectOrMetadataKey) {
        return new Finding(kind, severity, objectOrMetadataKey, partition, offsets, what, consequence, remedy);
    }

    Finding in(String where) {
        return new Finding(kind, severity, key, where, offsets, what, consequence, remedy);
    }

    Finding over(long first, long last) {
        return new Finding(kind, severity, key, partition, new Offsets(first, last), what, consequence, remedy);
    }

    Finding so(String follows, String todo) {
        return new Finding(kind, severity, key, partition, offsets, what, follows, todo);
    }

    Finding as(Severity other) {
        return new Finding(kind, other, key, partition, offsets, what, consequence, remedy);
    }
}
