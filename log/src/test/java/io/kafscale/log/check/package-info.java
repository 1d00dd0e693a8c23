/** Tests of the check of a namespace, over a small world that an engine has written. */
@NullMarked
package io.kafscale.log.check;

import org.jspecify.annotations.NullMarked;
