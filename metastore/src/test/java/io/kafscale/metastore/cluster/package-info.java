/** Tests of {@code io.kafscale.metastore.cluster}. */
@NullMarked
package io.kafscale.metastore.cluster;

import org.jspecify.annotations.NullMarked;
