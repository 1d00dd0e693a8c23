/** Tests of {@code io.kafscale.metastore.embedded}. */
@NullMarked
package io.kafscale.metastore.embedded;

import org.jspecify.annotations.NullMarked;
