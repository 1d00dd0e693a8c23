package io.kafscale.metastore.etcd;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.Status;
import io.kafscale.metastore.MetadataStore.Watch;
import io.kafscale.metastore.WatchListener;
import io.kafscale.metastore.WatchListener.Change;
import io.kafscale.metastore.etcd.proto.Event;
import io.kafscale.metastore.etcd.proto.WatchCreateRequest;
import io.kafscale.metastore.etcd.proto.WatchGrpc;
import io.kafscale.metastore.etcd.proto.WatchRequest;
import io.kafscale.metastore.etcd.proto.WatchResponse;
import io.kafscale.runtime.Backoff;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One watch over a stream of its own, opened again from the first revision that was not reported whenever it ends. On the store's
 * loop, but for closing it. An answer of etcd holds whole revisions; a large one comes in fragments, of which the last revision is
 * held back until the next.
 *
 * <p>While nothing changes under the prefix, etcd says every ten minutes up to which revision that is so, and the next stream begins
 * there: history that is kept for longer than that is enough for a watch of what never changes.
 */
final class EtcdWatch implements Watch, Endpoints.Stream {
    private static final Logger LOG = LoggerFactory.getLogger(EtcdWatch.class);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2));

    private final StoreContext context;
    private final String prefix;
    private final WatchListener listener;
    private final Consumer<EtcdWatch> onEnd;
    private final List<Event> heldBack = new ArrayList<>();
    private volatile boolean closed;
    private long nextRevision;
    private @Nullable Reports stream;
    private int failures;

    /**
     * A watch that has not begun.
     *
     * @param onEnd told on the loop that it is over
     */
    EtcdWatch(
            StoreContext context, String prefix, long fromRevision, WatchListener listener, Consumer<EtcdWatch> onEnd) {
        this.context = context;
        this.prefix = prefix;
        this.nextRevision = fromRevision;
        this.listener = listener;
        this.onEnd = onEnd;
    }

    void start() {
        context.endpoints().add(this);
        open();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            context.loop().execute(this::end);
        } catch (RejectedExecutionException storeIsClosed) {
            // The store has ended it already.
            return;
        }
    }

    /** Ends it, on the loop. */
    void end() {
        closed = true;
        context.endpoints().remove(this);
        cancel("the watch is closed");
        onEnd.accept(this);
    }

    @Override
    public void leave(EtcdEndpoint endpoint) {
        if (stream != null && stream.endpoint.equals(endpoint)) {
            cancel("another member is asked now");
            open();
        }
    }

    private void cancel(String why) {
        heldBack.clear();
        if (stream != null) {
            Reports ended = stream;
            stream = null;
            ended.call.cancel(why, null);
        }
    }

    private void open() {
        if (closed) {
            return;
        }
        context.calls().tokens().get().whenComplete((token, failure) -> {
            if (closed || stream != null) {
                return;
            }
            if (failure != null) {
                openLater(failure.toString());
                return;
            }
            var opened = new Reports(context.endpoints().current(), token);
            stream = opened;
            opened.start();
        });
    }

    private void openLater(String why) {
        Duration delay = BACKOFF.delay(failures++, context.random());
        LOG.debug("A watch is opened again [prefix={}, from={}, in={}, why={}]", prefix, nextRevision, delay, why);
        context.loop().schedule(delay, () -> {
            if (stream == null) {
                open();
            }
        });
    }

    private void take(WatchResponse answer) {
        failures = 0;
        heldBack.addAll(answer.getEventsList());
        if (heldBack.isEmpty()) {
            if (!answer.getFragment()) {
                nextRevision = Math.max(nextRevision, answer.getHeader().getRevision() + 1);
            }
            return;
        }
        long last = heldBack.getLast().getKv().getModRevision();
        long wholeBelow = answer.getFragment() ? last : last + 1;
        List<Change> changes = new ArrayList<>();
        long revision = 0;
        for (Event event : heldBack) {
            long of = event.getKv().getModRevision();
            if (of >= nextRevision && of < wholeBelow) {
                changes.add(EtcdMessages.change(event));
                revision = of;
            }
        }
        heldBack.removeIf(event -> event.getKv().getModRevision() < wholeBelow);
        if (!changes.isEmpty()) {
            nextRevision = revision + 1;
            tell(revision, List.copyOf(changes));
        }
    }

    private void tell(long revision, List<Change> changes) {
        // A task of its own, so that the loop reports what a listener throws and this watch goes on all the same.
        context.loop().execute(() -> {
            if (!closed) {
                listener.onChanges(revision, changes);
            }
        });
    }

    private void compacted() {
        boolean tell = !closed;
        end();
        if (tell) {
            context.loop().execute(listener::onCompacted);
        }
    }

    /** One stream. */
    private final class Reports extends ClientCall.Listener<WatchResponse> {
        private final EtcdEndpoint endpoint;
        private final String token;
        private final ClientCall<WatchRequest, WatchResponse> call;

        Reports(EtcdEndpoint endpoint, String token) {
            this.endpoint = endpoint;
            this.token = token;
            this.call = endpoint.channel(context.loop().time().nanoTime())
                    .newCall(WatchGrpc.getWatchMethod(), CallOptions.DEFAULT);
        }

        void start() {
            ByteString from = EtcdMessages.rangeStart(prefix);
            call.start(this, Tokens.streamHeaders(token));
            call.request(1);
            call.sendMessage(WatchRequest.newBuilder()
                    .setCreateRequest(WatchCreateRequest.newBuilder()
                            .setKey(from)
                            .setRangeEnd(EtcdMessages.rangeEnd(prefix))
                            .setStartRevision(nextRevision)
                            .setProgressNotify(true)
                            .setFragment(true))
                    .build());
        }

        @Override
        public void onMessage(WatchResponse answer) {
            if (closed || !equals(stream)) {
                return;
            }
            call.request(1);
            if (answer.getCompactRevision() > 0) {
                compacted();
            } else if (answer.getCanceled()) {
                refused(answer.getCancelReason());
            } else if (!answer.getCreated()) {
                take(answer);
            }
        }

        private void refused(String reason) {
            LOG.warn("etcd refuses a watch, it is asked again [prefix={}, why={}]", prefix, reason);
            context.calls().tokens().expired(token);
            cancel("refused");
            openLater(reason);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            if (closed || !equals(stream)) {
                return;
            }
            stream = null;
            heldBack.clear();
            if (EtcdFailures.saysTokenIsStale(status)) {
                context.calls().tokens().expired(token);
            }
            context.endpoints().suspect(endpoint, EtcdFailures.describe(status));
            openLater(EtcdFailures.describe(status));
        }
    }
}
