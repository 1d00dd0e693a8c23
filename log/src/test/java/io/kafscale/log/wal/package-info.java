/** Tests of the write-ahead log, on simulated time and a store that does what it is told. */
@NullMarked
package io.kafscale.log.wal;

import org.jspecify.annotations.NullMarked;
