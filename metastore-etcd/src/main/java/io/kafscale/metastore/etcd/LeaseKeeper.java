package io.kafscale.metastore.etcd;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.kafscale.metastore.etcd.proto.LeaseGrpc;
import io.kafscale.metastore.etcd.proto.LeaseKeepAliveRequest;
import io.kafscale.metastore.etcd.proto.LeaseKeepAliveResponse;
import io.kafscale.runtime.Backoff;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews leases, each three times within its time to live, over one stream for all of them. A renewal that is not answered in time
 * ends the stream, and the next one goes to another endpoint if there is one. A lease is lost only when etcd says so, however long
 * it could not be asked. On the store's loop.
 */
final class LeaseKeeper implements Endpoints.Stream {
    private static final Logger LOG = LoggerFactory.getLogger(LeaseKeeper.class);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(1));

    private final StoreContext context;
    private final Map<Long, EtcdLease> leases = new LinkedHashMap<>();
    private @Nullable Renewals stream;
    private boolean opening;
    private int failures;
    private boolean closed;

    LeaseKeeper(StoreContext context) {
        this.context = context;
        context.endpoints().add(this);
    }

    /** Renews {@code lease} until it is gone or released. */
    void keep(EtcdLease lease) {
        leases.put(lease.id(), lease);
        renewLater(lease);
    }

    /** Renews {@code lease} no more. */
    void release(EtcdLease lease) {
        leases.remove(lease.id());
        lease.forget();
    }

    /** Lets all leases run out. */
    void close() {
        closed = true;
        leases.values().forEach(EtcdLease::forget);
        leases.clear();
        end("the store is closed");
    }

    @Override
    public void leave(EtcdEndpoint endpoint) {
        if (stream != null && stream.endpoint.equals(endpoint)) {
            end("another member is asked now");
            open();
        }
    }

    private void renewLater(EtcdLease lease) {
        context.loop().schedule(lease.renewal(), () -> {
            if (isKept(lease)) {
                renewLater(lease);
                renew(lease);
            }
        });
    }

    private boolean isKept(EtcdLease lease) {
        return lease.equals(leases.get(lease.id()));
    }

    private void renew(EtcdLease lease) {
        if (stream == null) {
            open();
        } else if (!lease.isWaiting()) {
            stream.send(lease);
        }
    }

    /** Opens a stream and renews all leases over it: those that waited for the old one, and the others a little early. */
    private void open() {
        if (opening || closed || leases.isEmpty()) {
            return;
        }
        opening = true;
        context.calls().tokens().get().whenComplete((token, failure) -> {
            opening = false;
            if (closed) {
                return;
            }
            if (failure != null) {
                openLater();
                return;
            }
            EtcdEndpoint endpoint = context.endpoints().current();
            var opened = new Renewals(endpoint, token);
            stream = opened;
            opened.start();
            List.copyOf(leases.values()).forEach(opened::send);
        });
    }

    private void openLater() {
        context.loop().schedule(BACKOFF.delay(failures++, context.random()), () -> {
            if (stream == null) {
                open();
            }
        });
    }

    private void end(String why) {
        if (stream != null) {
            Renewals ended = stream;
            stream = null;
            leases.values().forEach(EtcdLease::forget);
            ended.call.cancel(why, null);
        }
    }

    /** One stream. */
    private final class Renewals extends ClientCall.Listener<LeaseKeepAliveResponse> {
        private final EtcdEndpoint endpoint;
        private final String token;
        private final ClientCall<LeaseKeepAliveRequest, LeaseKeepAliveResponse> call;

        Renewals(EtcdEndpoint endpoint, String token) {
            this.endpoint = endpoint;
            this.token = token;
            this.call = endpoint.channel(context.loop().time().nanoTime())
                    .newCall(LeaseGrpc.getLeaseKeepAliveMethod(), CallOptions.DEFAULT);
        }

        void start() {
            call.start(this, Tokens.streamHeaders(token));
            call.request(1);
        }

        void send(EtcdLease lease) {
            long now = context.loop().time().nanoTime();
            lease.sent(now, context.loop().schedule(lease.patience(), this::unanswered));
            call.sendMessage(
                    LeaseKeepAliveRequest.newBuilder().setID(lease.id()).build());
        }

        private void unanswered() {
            if (equals(stream)) {
                end("a renewal was not answered in time");
                context.endpoints().suspect(endpoint, "a lease was not renewed in time");
                open();
            }
        }

        @Override
        public void onMessage(LeaseKeepAliveResponse answer) {
            call.request(1);
            EtcdLease lease = leases.get(answer.getID());
            if (lease == null || !equals(stream)) {
                return;
            }
            failures = 0;
            if (answer.getTTL() > 0) {
                lease.confirmed();
            } else {
                LOG.warn("etcd says that a lease has ended [lease={}]", Long.toHexString(lease.id()));
                leases.remove(lease.id());
                lease.isGone();
            }
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (!equals(stream)) {
                return;
            }
            LOG.debug("The stream that renews leases ended [member={}, status={}]", endpoint, status);
            if (EtcdFailures.saysTokenIsStale(status)) {
                context.calls().tokens().expired(token);
            }
            stream = null;
            leases.values().forEach(EtcdLease::forget);
            context.endpoints().suspect(endpoint, EtcdFailures.describe(status));
            openLater();
        }
    }
}
