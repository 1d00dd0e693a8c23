package io.kafscale.testkit.net;

/** Which way bytes go through a {@link TcpProxy}. */
public enum Direction {
    /** From the client, who opened the connection: requests. */
    TO_SERVER,
    /** From the server: answers. */
    TO_CLIENT
}
