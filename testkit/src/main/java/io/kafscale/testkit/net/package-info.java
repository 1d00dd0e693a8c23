/** Networks that fail on command, for tests: {@link io.kafscale.testkit.net.TcpProxy} stands between a client and a server on loopback. */
@NullMarked
package io.kafscale.testkit.net;

import org.jspecify.annotations.NullMarked;
