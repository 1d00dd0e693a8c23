/**
 * The object-store port: the only door through which records leave and enter a broker.
 *
 * <p>{@link io.kafscale.objectstore.ObjectStore} is the minimum the log needs: create-if-absent put, whole and ranged get, list,
 * delete. It has a local-directory and an in-memory implementation here and an S3 one in its own module; one contract test runs on
 * all of them. Retry, metering and single-flight are decorators around it; it never grows them.
 *
 * <p>Everything is asynchronous. Futures may complete on any thread; the log hops back to its own loop.
 */
@NullMarked
package io.kafscale.objectstore;

import org.jspecify.annotations.NullMarked;
