/**
 * The log: what Kafscale exists for. It turns produced record batches into WAL objects, WAL objects into segments, and both back
 * into fetches, on an object store and a metadata store, without a disk, a socket or a thread of its own.
 *
 * <p>Enter at {@link io.kafscale.log.LogService}, what a broker's request handlers see. Behind it one event loop, the <em>log
 * loop</em>, owns every partition this broker leads and the one WAL stream they share; all state below is touched on that loop
 * only, so there is no lock in it. Work that costs CPU per byte (validation, decompression) happens before the loop, on the threads
 * of the caller.
 *
 * <ul>
 *   <li>{@code wal}: the stream of WAL objects: pacing, in-order acknowledgement, fencing, sealing, reading back.
 *   <li>{@code partition}: one partition: offsets, producer state, memory tail, high watermark.
 *   <li>{@code segment}: the background writer of {@code .kfs} and {@code .index}, and the catalogue of what is there.
 *   <li>{@code read}: fetches over tail, WAL and segments; block cache.
 *   <li>{@code engine}: wiring and life cycle: identity, registration, takeover, topics appearing and going, collection.
 * </ul>
 */
@NullMarked
package io.kafscale.log;

import org.jspecify.annotations.NullMarked;
