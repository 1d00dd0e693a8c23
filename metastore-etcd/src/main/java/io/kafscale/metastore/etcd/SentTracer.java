package io.kafscale.metastore.etcd;

import io.grpc.Attributes;
import io.grpc.ClientStreamTracer;
import io.grpc.Metadata;

/** Sees whether a call was ever handed to a connection. Thread-safe; for one call. */
final class SentTracer extends ClientStreamTracer.Factory {
    private volatile boolean handedOver;

    /** False only if not a byte of the call can have left this process. */
    boolean handedOver() {
        return handedOver;
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
        return new ClientStreamTracer() {
            @Override
            public void streamCreated(Attributes transport, Metadata sent) {
                handedOver = true;
            }
        };
    }
}
