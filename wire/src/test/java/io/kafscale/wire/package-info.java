/** Tests against real sockets on loopback, and of the parts alone. */
@NullMarked
package io.kafscale.wire;

import org.jspecify.annotations.NullMarked;
