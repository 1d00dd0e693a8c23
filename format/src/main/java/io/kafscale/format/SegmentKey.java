package io.kafscale.format;

/**
 * What the key of a segment object says. Immutable; any thread.
 *
 * @param topicDirectory directory of the topic, generation included
 * @param baseOffset first offset of the segment
 * @param kind which of the two files of the segment
 */
public record SegmentKey(String topicDirectory, int partition, long baseOffset, Kind kind) {
    /** The two files of a segment. */
    public enum Kind {
        /** Record data, {@code .kfs}. */
        DATA(".kfs"),
        /** Positions, times, epochs and producers of the data file, {@code .index}. */
        INDEX(".index");

        private final String suffix;

        Kind(String suffix) {
            this.suffix = suffix;
        }

        /** File name extension, dot included. */
        public String suffix() {
            return suffix;
        }
    }
}
