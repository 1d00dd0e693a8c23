package io.kafscale.metastore.etcd;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.kafscale.metastore.etcd.proto.KVGrpc;
import io.kafscale.metastore.etcd.proto.RangeRequest;
import io.kafscale.metastore.etcd.proto.RangeResponse;
import io.kafscale.metastore.etcd.proto.WatchGrpc;
import io.kafscale.metastore.etcd.proto.WatchRequest;
import io.kafscale.metastore.etcd.proto.WatchResponse;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers what a test tells it to, for what a real etcd does only now and then. Thread-safe. */
final class FakeEtcd implements AutoCloseable {
    /** Answers one listing: a response, or a failure. */
    interface RangeAnswer {
        void to(RangeRequest request, StreamObserver<RangeResponse> client);
    }

    private final Queue<RangeAnswer> ranges = new ConcurrentLinkedQueue<>();
    private final Queue<List<WatchResponse>> watches = new ConcurrentLinkedQueue<>();
    private final List<WatchRequest> watchRequests = new CopyOnWriteArrayList<>();
    private final Server server;

    FakeEtcd() {
        try {
            server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .addService(new KeysAndValues())
                    .addService(new Watches())
                    .build()
                    .start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    EtcdSettings settings() {
        return EtcdSettings.plain(List.of(new EtcdSettings.Address("127.0.0.1", server.getPort())));
    }

    /** How the next listing is answered that has no answer yet. */
    void answerRange(RangeAnswer answer) {
        ranges.add(answer);
    }

    /** What the next watch is told before its stream ends; the last one's stays open. */
    void tellWatch(WatchResponse... responses) {
        watches.add(List.of(responses));
    }

    /** What watches asked for. */
    List<WatchRequest> watchRequests() {
        return watchRequests;
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private final class KeysAndValues extends KVGrpc.KVImplBase {
        @Override
        public void range(RangeRequest request, StreamObserver<RangeResponse> client) {
            ranges.remove().to(request, client);
        }
    }

    private final class Watches extends WatchGrpc.WatchImplBase {
        @Override
        public StreamObserver<WatchRequest> watch(StreamObserver<WatchResponse> client) {
            return new StreamObserver<>() {
                @Override
                public void onNext(WatchRequest request) {
                    watchRequests.add(request);
                    watches.remove().forEach(client::onNext);
                    if (!watches.isEmpty()) {
                        client.onCompleted();
                    }
                }

                @Override
                public void onError(Throwable cancelled) {
                    // The client has gone, as it may.
                    watches.clear();
                }

                @Override
                public void onCompleted() {
                    client.onCompleted();
                }
            };
        }
    }
}
