package io.kafscale.objectstore.s3;

import java.time.Duration;

/**
 * How long one attempt may take. An attempt that moves many bytes gets more time: its base plus what the bytes need at the slowest
 * rate that is still worth waiting for.
 *
 * @param connect to open a connection
 * @param put the base for a put
 * @param read the base for anything else
 * @param slowestBytesPerSecond the rate below which a transfer is given up
 */
public record S3Timeouts(Duration connect, Duration put, Duration read, long slowestBytesPerSecond) {
    /** Two seconds to connect, fifteen for a put, ten for a read, both plus a second per MiB. */
    public static final S3Timeouts DEFAULT =
            new S3Timeouts(Duration.ofSeconds(2), Duration.ofSeconds(15), Duration.ofSeconds(10), 1 << 20);

    /** Checks that all are positive. */
    public S3Timeouts {
        if (!connect.isPositive() || !put.isPositive() || !read.isPositive() || slowestBytesPerSecond < 1) {
            throw new IllegalArgumentException("S3 timeouts and the slowest rate must be positive");
        }
    }

    Duration forPut(long bytes) {
        return put.plus(transfer(bytes));
    }

    Duration forRead(long bytes) {
        return read.plus(transfer(bytes));
    }

    private Duration transfer(long bytes) {
        return Duration.ofMillis(bytes * 1000 / slowestBytesPerSecond);
    }
}
