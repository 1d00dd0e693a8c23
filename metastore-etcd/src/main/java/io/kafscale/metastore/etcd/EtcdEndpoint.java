package io.kafscale.metastore.etcd;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.time.Duration;

/** One endpoint and the channel to it. On the store's loop. */
final class EtcdEndpoint {
    /** How soon a connection that was refused is tried again, at the earliest. */
    static final Duration RECONNECT = Duration.ofMillis(250);

    private final EtcdSettings.Address address;
    private final ManagedChannel channel;
    private long reconnectAtNanos;
    private boolean used;
    private boolean observed;

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
            reconnectAtNanos = nowNanos + RECONNECT.toNanos();
            channel.resetConnectBackoff();
        }
        return channel;
    }

    /** The channel, to be closed. */
    ManagedChannel channel() {
        return channel;
    }

    /** Whether a connection is open. */
    boolean isConnected() {
        return channel.getState(false) == ConnectivityState.READY;
    }

    /** Has {@code told} run once on the loop when a connection opens. One that is open is not told of, nor is anybody but the first. */
    void whenConnected(Runnable told) {
        ConnectivityState now = channel.getState(false);
        if (observed || now == ConnectivityState.READY || now == ConnectivityState.SHUTDOWN) {
            return;
        }
        observed = true;
        channel.notifyWhenStateChanged(now, () -> {
            observed = false;
            if (isConnected()) {
                told.run();
            } else {
                whenConnected(told);
            }
        });
    }

    @Override
    public String toString() {
        return address.toString();
    }
}
