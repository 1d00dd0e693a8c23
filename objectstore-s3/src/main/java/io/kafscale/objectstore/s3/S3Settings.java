package io.kafscale.objectstore.s3;

import io.kafscale.objectstore.ObjectKeys;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Which bucket, where, and how to speak to it. Credentials are not here: they come from the standard AWS chain.
 *
 * @param bucket the bucket's name
 * @param prefix what all keys begin with inside of the bucket, without slashes at its ends; empty for none
 * @param endpoint where an S3-compatible store listens; absent for AWS
 * @param region the bucket's region; absent to take it from the environment or profile, and where an endpoint is set and neither
 *     has one, {@code us-east-1}
 * @param pathStyle whether the bucket is named in the path, not in the host: most S3-compatible stores need it
 * @param checksums see {@link ChecksumMode}
 * @param timeouts see {@link S3Timeouts}
 * @param maxConcurrent how many puts, and as many other calls, may be under way at a time, each on a connection of its own
 */
public record S3Settings(
        String bucket,
        String prefix,
        @Nullable URI endpoint,
        @Nullable String region,
        boolean pathStyle,
        ChecksumMode checksums,
        S3Timeouts timeouts,
        int maxConcurrent) {
    /** Checks what can be checked without the network. */
    public S3Settings {
        if (bucket.isBlank() || bucket.contains("/")) {
            throw new IllegalArgumentException(
                    "'" + bucket + "' is no bucket name: use s3://bucket or s3://bucket/prefix");
        }
        if (!prefix.isEmpty()) {
            ObjectKeys.checkKey(prefix);
        }
        if (endpoint != null && (endpoint.getHost() == null || endpoint.getScheme() == null)) {
            throw new IllegalArgumentException("the endpoint '" + endpoint + "' must look like https://host:port");
        }
        if (maxConcurrent < 1) {
            throw new IllegalArgumentException("S3 needs at least one call at a time, not " + maxConcurrent);
        }
    }

    /** AWS defaults for {@code s3://bucket/prefix}. */
    public static S3Settings of(URI uri) {
        String bucket = uri.getAuthority();
        if (!"s3".equals(uri.getScheme()) || bucket == null) {
            throw new IllegalArgumentException(
                    "'" + uri + "' is no S3 location: use s3://bucket or s3://bucket/prefix");
        }
        String prefix = uri.getPath().replaceAll("^/+|/+$", "");
        return new S3Settings(bucket, prefix, null, null, false, ChecksumMode.AUTOMATIC, S3Timeouts.DEFAULT, 32);
    }

    /** The same at an S3-compatible store. */
    public S3Settings at(URI newEndpoint, boolean newPathStyle) {
        return new S3Settings(bucket, prefix, newEndpoint, region, newPathStyle, checksums, timeouts, maxConcurrent);
    }

    /** The same in a region. */
    public S3Settings inRegion(String newRegion) {
        return new S3Settings(bucket, prefix, endpoint, newRegion, pathStyle, checksums, timeouts, maxConcurrent);
    }

    /** The same with other timeouts. */
    public S3Settings with(S3Timeouts newTimeouts) {
        return new S3Settings(bucket, prefix, endpoint, region, pathStyle, checksums, newTimeouts, maxConcurrent);
    }

    /** The same with another checksum mode. */
    public S3Settings with(ChecksumMode newChecksums) {
        return new S3Settings(bucket, prefix, endpoint, region, pathStyle, newChecksums, timeouts, maxConcurrent);
    }

    /** The checksum mode with {@link ChecksumMode#AUTOMATIC} decided. */
    ChecksumMode effectiveChecksums() {
        if (checksums != ChecksumMode.AUTOMATIC) {
            return checksums;
        }
        return endpoint == null ? ChecksumMode.WHEN_SUPPORTED : ChecksumMode.WHEN_REQUIRED;
    }

    /** The key in the bucket of {@code key} in the store. */
    String inBucket(String key) {
        return prefix.isEmpty() ? key : prefix + "/" + key;
    }

    /** The key in the store of {@code bucketKey} in the bucket. */
    String inStore(String bucketKey) {
        return prefix.isEmpty() ? bucketKey : bucketKey.substring(prefix.length() + 1);
    }

    /** {@code s3://bucket/prefix}. */
    String location() {
        return "s3://" + inLocation();
    }

    private String inLocation() {
        return prefix.isEmpty() ? bucket : bucket + "/" + prefix;
    }
}
