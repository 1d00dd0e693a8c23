/**
 * A network that fails, for processes that believe they talk to each other directly. {@link io.kafscale.testkit.net.TcpProxy} stands
 * between a client and a server on loopback: it delays bytes, holds them back in one direction or both, and cuts connections. It
 * loses no byte of a connection that it does not reset, as TCP does not.
 */
@NullMarked
package io.kafscale.testkit.net;

import org.jspecify.annotations.NullMarked;
