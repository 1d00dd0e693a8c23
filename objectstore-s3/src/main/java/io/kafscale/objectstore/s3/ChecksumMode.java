package io.kafscale.objectstore.s3;

/** When the SDK adds checksums of its own to what it sends and checks those it is sent. Ours are inside the objects either way. */
public enum ChecksumMode {
    /** {@link #WHEN_SUPPORTED} on AWS, {@link #WHEN_REQUIRED} where an endpoint is set. */
    AUTOMATIC,
    /** Wherever the protocol has a place for one. Some S3-compatible stores refuse that or store the checksum as data. */
    WHEN_SUPPORTED,
    /** Only where the protocol demands one, and then also the MD5 that older stores know. */
    WHEN_REQUIRED
}
