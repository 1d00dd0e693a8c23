/**
 * The object store on S3 and what speaks its protocol.
 *
 * <p>{@link io.kafscale.objectstore.s3.S3ObjectStore} is the port's implementation over the AWS SDK's synchronous client: each call
 * blocks a virtual thread, so that a payload is given back exactly when the attempt that reads it has ended. The SDK does not
 * retry; who calls decides. {@code PayloadStream} lets the SDK read a payload's slices where they are, {@code S3Failures} turns all
 * that can go wrong into the port's kinds, {@code S3Clients} builds the client from {@link io.kafscale.objectstore.s3.S3Settings},
 * {@code BucketInspection} is what a broker asks before it trusts a bucket.
 *
 * <p>Credentials come from the standard AWS chain. No type of the SDK leaves this package.
 */
@NullMarked
package io.kafscale.objectstore.s3;

import org.jspecify.annotations.NullMarked;
