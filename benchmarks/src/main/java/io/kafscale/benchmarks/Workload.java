package io.kafscale.benchmarks;

/**
 * One cell of the table.
 *
 * @param recordBytes size of each record's value
 * @param partitions of the topic
 * @param records how many are produced, and consumed again
 * @param recordsPerSecond pace of the producer, or {@link #UNLIMITED}
 */
record Workload(int recordBytes, int partitions, long records, int recordsPerSecond) {
    /** As fast as the producer goes. */
    static final int UNLIMITED = -1;

    boolean isPaced() {
        return recordsPerSecond != UNLIMITED;
    }

    double gigabytes() {
        return (double) recordBytes * records / 1e9;
    }

    Workload withRecords(long count) {
        return new Workload(recordBytes, partitions, count, recordsPerSecond);
    }

    /** The size as people write it. */
    String size() {
        return recordBytes % 1024 == 0 ? recordBytes / 1024 + " KiB" : recordBytes + " B";
    }
}
