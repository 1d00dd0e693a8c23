/**
 * Commands that read stored objects without a broker: {@code segment} for {@code .kfs} and {@code .index}, {@code wal} for WAL
 * objects. They read whatever can be read of a damaged object and say what is wrong with it.
 *
 * <p>{@link io.kafscale.app.inspect.StoredObject} is a file or an object in a bucket, as named on the command line;
 * {@link io.kafscale.app.inspect.SegmentReport} and {@link io.kafscale.app.inspect.WalReport} take one apart into a view that is printed
 * as text or JSON; {@link io.kafscale.app.inspect.IndexRebuild} writes an index anew. What the bytes mean is known to the format
 * module alone. Everything runs on the main thread.
 */
@NullMarked
package io.kafscale.app.inspect;

import org.jspecify.annotations.NullMarked;
