/**
 * The objects of the write-ahead log: one for each flush of a broker, with the record batches of all its partitions.
 *
 * <p>All kinds share their frame: a {@link io.kafscale.format.wal.WalHeader}, the record data if any, and a
 * {@link io.kafscale.format.wal.WalFooter} that repeats the header and describes the data, so that one read of an object's
 * tail says everything about it. A stream starts with a {@link io.kafscale.format.wal.WalGenesis}, goes on with
 * {@link io.kafscale.format.wal.WalData} and ends with a {@link io.kafscale.format.wal.WalSeal}.
 *
 * <p>A broker collects batches in a {@link io.kafscale.format.wal.WalObjectBuilder} and builds a
 * {@link io.kafscale.format.wal.WalObject}, whose bytes and checksum stay the same for every attempt to send it. Its
 * {@link io.kafscale.format.wal.WalFingerprint} tells whether an object found at its key is this one.
 * {@link io.kafscale.format.wal.WalObjectReader} goes the other way.
 */
@NullMarked
package io.kafscale.format.wal;

import org.jspecify.annotations.NullMarked;
