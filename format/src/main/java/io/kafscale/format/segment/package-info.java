/**
 * The open format of record data at rest: a segment is a {@code .kfs} file with record batches and an {@code .index} file
 * beside it.
 *
 * <p>To write one, put a {@link io.kafscale.format.segment.SegmentFile} around batches and build its
 * {@link io.kafscale.format.segment.SegmentIndex} from it. To read one, parse the index, ask it for the
 * {@link io.kafscale.format.segment.SegmentIndex#floor position} of an offset, and walk over the batches from there;
 * {@link io.kafscale.format.segment.SegmentHeader} and {@link io.kafscale.format.segment.SegmentFooter} can be read alone,
 * for ranged reads. Part of the index that others do not know is the
 * {@link io.kafscale.format.segment.IndexExtension}: which file it belongs to
 * ({@link io.kafscale.format.segment.SegmentIdentity}), times, leader epochs, producer state. An index that is missing,
 * damaged or does not match its file is rebuilt from the file; nothing depends on it.
 *
 * <p>Two leaders may leave segments that overlap; at one offset they hold the same record. A reader sorts segments by base
 * offset, keeps the next offset it expects, and skips what lies below.
 */
@NullMarked
package io.kafscale.format.segment;

import org.jspecify.annotations.NullMarked;
