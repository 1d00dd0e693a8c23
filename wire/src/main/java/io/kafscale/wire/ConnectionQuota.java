package io.kafscale.wire;

import java.net.InetAddress;
import java.util.HashMap;
import java.util.Map;

/** Counts connections, in all and per address. Thread-safe. */
final class ConnectionQuota {
    private final int max;
    private final int maxPerAddress;
    private final Map<InetAddress, Integer> perAddress = new HashMap<>();
    private int connections;

    ConnectionQuota(ConnectionLimits limits) {
        this.max = limits.maxConnections();
        this.maxPerAddress = limits.maxConnectionsPerAddress();
    }

    /** Counts one more connection unless that would be too many. */
    synchronized boolean tryAcquire(InetAddress address) {
        int same = perAddress.getOrDefault(address, 0);
        if (connections >= max || same >= maxPerAddress) {
            return false;
        }
        connections++;
        perAddress.put(address, same + 1);
        return true;
    }

    /** A connection that was counted is gone. */
    synchronized void release(InetAddress address) {
        connections--;
        perAddress.compute(address, (a, same) -> same == null || same == 1 ? null : same - 1);
    }

    /** Connections now. */
    synchronized int connections() {
        return connections;
    }
}
