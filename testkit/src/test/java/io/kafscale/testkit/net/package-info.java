/** Tests of the network that fails. */
@NullMarked
package io.kafscale.testkit.net;

import org.jspecify.annotations.NullMarked;
