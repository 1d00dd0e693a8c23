/**
 * The object-store port: the only door through which records leave and enter a broker.
 *
 * <p>{@link io.kafscale.objectstore.ObjectStore} is the minimum the log needs: create-if-absent put, whole and ranged get, list,
 * delete, on keys of one grammar, {@link io.kafscale.objectstore.ObjectKeys}. What is written travels as a
 * {@link io.kafscale.objectstore.Payload}, slices that stay where they are until the last attempt to send them has ended; what goes
 * wrong is a {@link io.kafscale.objectstore.StorageException} of one of a few kinds.
 *
 * <p>Implementations: {@link io.kafscale.objectstore.InMemoryObjectStore} here, the local directory in
 * {@code io.kafscale.objectstore.local}, S3 in its own module; one contract test runs on all of them. Those whose transport blocks
 * run it through {@link io.kafscale.objectstore.BlockingCalls}.
 *
 * <p>The port is wrapped, never grown: {@link io.kafscale.objectstore.RetryingObjectStore} repeats what may be repeated,
 * {@link io.kafscale.objectstore.MeteredObjectStore} tells observers of every call, of which
 * {@link io.kafscale.objectstore.RequestLog} is the one for tests that count requests. {@link io.kafscale.objectstore.StoreProbe}
 * finds out at start whether a store keeps its promises.
 *
 * <p>Everything is asynchronous. Futures may complete on any thread; the log hops back to its own loop.
 */
@NullMarked
package io.kafscale.objectstore;

import org.jspecify.annotations.NullMarked;
