package io.kafscale.metastore.etcd;

import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Those who found no connection and wait for one to open: a moment ago nobody may have listened, and gRPC says so to all who come
 * until it has tried again. While somebody waits it tries as often as it may. On the store's loop.
 */
final class Reconnection {
    /** How long anybody waits. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final EventLoop loop;
    private final Endpoints endpoints;
    private final Set<Waiting> waiting = new LinkedHashSet<>();
    private EventLoop.@Nullable Timer next;
    private boolean closed;

    /** Somebody who waits. */
    interface Waiting {
        /** When it came, on the loop's clock. */
        long sinceNanos();

        /** A connection has opened, or may have. */
        void tryAgain();

        /** None has opened in time, or none will. */
        void giveUp();
    }

    Reconnection(EventLoop loop, Endpoints endpoints) {
        this.loop = loop;
        this.endpoints = endpoints;
    }

    /** Has {@code one} try again as soon as a connection opens, or give up: at once if it has waited for long enough. */
    void await(Waiting one) {
        if (closed || isImpatient(one)) {
            one.giveUp();
            return;
        }
        waiting.add(one);
        if (next == null) {
            next = loop.schedule(EtcdEndpoint.RECONNECT, this::turn);
        }
        endpoints.all().forEach(endpoint -> endpoint.whenConnected(this::connected));
    }

    /** All give up, and so will whoever comes. */
    void close() {
        closed = true;
        dismiss(all -> true);
    }

    private boolean isImpatient(Waiting one) {
        return loop.time().nanoTime() - one.sinceNanos() >= PATIENCE.toNanos();
    }

    private void turn() {
        next = null;
        dismiss(this::isImpatient);
        if (waiting.isEmpty()) {
            return;
        }
        next = loop.schedule(EtcdEndpoint.RECONNECT, this::turn);
        long now = loop.time().nanoTime();
        endpoints.all().forEach(endpoint -> endpoint.channel(now));
        // One that opened between a refusal and our looking: nobody tells us of it.
        if (endpoints.all().stream().anyMatch(EtcdEndpoint::isConnected)) {
            connected();
        }
    }

    private void connected() {
        List<Waiting> all = List.copyOf(waiting);
        waiting.clear();
        stopIfNobodyWaits();
        all.forEach(Waiting::tryAgain);
    }

    private void dismiss(Predicate<Waiting> which) {
        List<Waiting> dismissed = new ArrayList<>(waiting);
        dismissed.removeIf(which.negate());
        dismissed.forEach(waiting::remove);
        stopIfNobodyWaits();
        dismissed.forEach(Waiting::giveUp);
    }

    private void stopIfNobodyWaits() {
        if (waiting.isEmpty() && next != null) {
            next.cancel();
            next = null;
        }
    }
}
