/**
 * Everything Kafscale stores, as bytes: the part of the system that others may embed to read or write its objects without
 * a broker. Needs nothing but the JDK, does no input or output, starts no thread. The normative description is
 * {@code docs/storage-format.md}; the golden files in the tests pin it.
 *
 * <p>This package holds what the formats have in common. {@link io.kafscale.format.ObjectLayout} says which key an object
 * lives under, and reads keys back. {@link io.kafscale.format.RecordBatches} walks over Kafka record batches, which is
 * what all record data is made of, and hands out a {@link io.kafscale.format.RecordBatchView} for each.
 * {@link io.kafscale.format.ProducerStateSnapshot} is what a partition remembers of its idempotent producers;
 * {@link io.kafscale.format.ProducerStateBuilder} derives it from batches.
 *
 * <p>{@link io.kafscale.format.segment} holds the open format of data at rest, {@link io.kafscale.format.wal} the
 * write-ahead log's objects that data passes through on its way there.
 *
 * <p>Rules that hold everywhere: numbers are big-endian, checksums are CRC-32C; buffers are shared and never copied unless
 * a method says so, and no caller's position or limit moves; no length is believed before it is checked; every kind of
 * damage ends in a {@link io.kafscale.format.CorruptObjectException} that names the object and the place.
 */
@NullMarked
package io.kafscale.format;

import org.jspecify.annotations.NullMarked;
