package io.kafscale.testkit.s3;

import java.util.Map;

/**
 * One request as {@link FaultyS3Server} understood it.
 *
 * @param operation what it asks for
 * @param bucket the bucket it names
 * @param key the object it names, decoded; of a listing its prefix, else empty
 * @param query the decoded query parameters; one without a value maps to the empty string
 * @param headers by lower-case name
 */
public record S3Request(
        Operation operation, String bucket, String key, Map<String, String> query, Map<String, String> headers) {
    /** The requests the server knows. */
    public enum Operation {
        /** {@code PUT} of an object. */
        PUT,
        /** {@code GET} of an object or a range of it. */
        GET,
        /** {@code HEAD} of the bucket. */
        HEAD_BUCKET,
        /** ListObjectsV2. */
        LIST,
        /** DeleteObjects: many in one request. */
        DELETE_MANY,
        /** {@code DELETE} of one object. */
        DELETE,
        /** GetBucketVersioning. */
        GET_VERSIONING,
        /** GetBucketLifecycleConfiguration. */
        GET_LIFECYCLE,
        /** Anything else: answered 501. */
        OTHER
    }

    /** Copies the maps. */
    public S3Request {
        query = Map.copyOf(query);
        headers = Map.copyOf(headers);
    }
}
