/** Tests of the links to other brokers, over real sockets. */
@NullMarked
package io.kafscale.app.peer;

import org.jspecify.annotations.NullMarked;
