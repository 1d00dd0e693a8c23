/** Tests of the local-directory store. */
@NullMarked
package io.kafscale.objectstore.local;

import org.jspecify.annotations.NullMarked;
