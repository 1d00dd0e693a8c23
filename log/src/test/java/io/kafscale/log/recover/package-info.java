/** Tests of rebuilding metadata from the bucket: over nothing, over old copies, over damage, and dying at every step. */
@NullMarked
package io.kafscale.log.recover;

import org.jspecify.annotations.NullMarked;
