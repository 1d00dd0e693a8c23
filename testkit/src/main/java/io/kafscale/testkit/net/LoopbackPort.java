package io.kafscale.testkit.net;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** Ports for servers that are started, killed and started again. */
public final class LoopbackPort {
    // Below the range from which systems take the local ports of connections: else, while the server is down, a client
    // that tries
    // to reach it can be given that very port and connect to itself.
    private static final int FIRST = 20_000;
    private static final int END = 32_000;
    private static final int ATTEMPTS = 100;

    private LoopbackPort() {}

    /** A port of the loopback address that is free now. */
    public static int free() {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, END);
            try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return port;
            } catch (IOException taken) {
                // another one, then
            }
        }
        throw new AssertionError("no free port on the loopback address");
    }
}
