package io.kafscale.metastore.etcd;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.time.Duration;

/** One endpoint and the channel to it. On the store's loop. */
final class EtcdEndpoint {
    private static final long RECONNECT_NANOS = Duration.ofMillis(250).toNanos();

    private final EtcdSettings.Address address;
    private final ManagedChannel channel;
    private long reconnectAtNanos;
    private boolean used;

    EtcdEndpoint(EtcdSettings.Address address, ManagedChannel channel) {
        this.address = address;
        this.channel = channel;
    }

    /**
     * The channel, told to connect again if it waits to do so: gRPC's own waits grow to two minutes, and whoever asks wants an
     * answer now.
     */
    ManagedChannel channel(long nowNanos) {
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE
                && (!used || nowNanos - reconnectAtNanos >= 0)) {
            used = true;
            reconnectAtNanos = nowNanos + RECONNECT_NANOS;
            channel.resetConnectBackoff();
        }
        return channel;
    }

    /** The channel, to be closed. */
    ManagedChannel channel() {
        return channel;
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
