/**
 * The write-ahead log: one stream of objects per broker incarnation, shared by all its partitions, so that the number of writes
 * depends on time and bytes and never on the number of partitions.
 *
 * <p>Writing starts at {@link io.kafscale.log.wal.WalStreams}, which creates a stream and hands out its
 * {@link io.kafscale.log.wal.WalWriter}. Partitions, each a {@link io.kafscale.log.wal.ChunkOwner}, append to the {@code OpenObject};
 * the {@code FlushPacer} decides when it is closed; the {@code StreamCursor} gives it its place, nonce, trim and commit position; the
 * {@code UploadWindow} keeps a bounded number of {@code WalUpload}s on their way and acknowledges them strictly in sequence. A
 * {@code WalUpload} sends one object with the same key and the same bytes until it knows whose object is there. Owners get a
 * {@link io.kafscale.log.wal.ChunkRef} for each durable chunk, and whoever runs the incarnation hears of the stream's end through
 * {@link io.kafscale.log.wal.WalListener}. The {@code StreamTrimmer} deletes what is covered.
 *
 * <p>Other streams are ended by {@link io.kafscale.log.wal.StreamSealer}, read by {@link io.kafscale.log.wal.StreamReader} and, when
 * nobody needs them, deleted by {@link io.kafscale.log.wal.StreamCollector}. One whose writer is alive is read as far as it has come
 * by {@link io.kafscale.log.wal.StreamFollower}.
 *
 * <p>Everything here runs on the log loop, and every answer of the store is brought back to it. The store under a
 * {@link io.kafscale.log.wal.WalStore} repeats failed reads, lists and deletes by itself; puts are repeated here, where it is known
 * what a doubtful one means.
 */
@NullMarked
package io.kafscale.log.wal;

import org.jspecify.annotations.NullMarked;
