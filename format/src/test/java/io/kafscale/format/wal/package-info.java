/** Tests of the write-ahead log's objects. */
@NullMarked
package io.kafscale.format.wal;

import org.jspecify.annotations.NullMarked;
