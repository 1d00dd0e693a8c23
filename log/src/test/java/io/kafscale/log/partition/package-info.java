/** Tests of one led partition: offsets, producers, memory tail, high watermark. */
@NullMarked
package io.kafscale.log.partition;

import org.jspecify.annotations.NullMarked;
