package io.kafscale.log.engine;

import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.StreamRecord;
import io.kafscale.metastore.cluster.StreamRecord.State;
import io.kafscale.metastore.cluster.Versioned;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Seals the streams of incarnations that are gone and that no partition makes anybody seal, so that a broker that never comes back
 * leaves nothing open. A broker whose registration has lapsed gets the grace to come back. A damaged stream is left as it is: nobody
 * needs it, or whoever does has noticed. Log loop only.
 */
final class AbandonedStreams {
    private static final Logger LOG = LoggerFactory.getLogger(AbandonedStreams.class);
    /** Any order will do that is the same in every run. */
    static final Comparator<BrokerIncarnation> ORDER =
            Comparator.comparingInt(BrokerIncarnation::brokerId).thenComparingLong(BrokerIncarnation::brokerEpoch);

    private static final Backoff RETRY = new Backoff(Duration.ofSeconds(1), Duration.ofMinutes(1));

    /** Ends one stream; see {@link ClosedStreams#close}. */
    interface Sealer {
        CompletableFuture<?> close(BrokerIncarnation incarnation);
    }

    private final EngineContext context;
    private final Set<BrokerIncarnation> open = new TreeSet<>(ORDER);
    private final Set<BrokerIncarnation> underWay = new TreeSet<>(ORDER);
    private ClusterImage image = ClusterImage.EMPTY;
    private @Nullable Sealer sealer;

    AbandonedStreams(EngineContext context) {
        this.context = context;
    }

    /** Follows which streams are open and whose broker has gone; has to be told of every change of the image. */
    void follow(ClusterImage now, ClusterDelta delta) {
        image = now;
        for (BrokerIncarnation incarnation : delta.streams()) {
            if (isOpen(incarnation)) {
                open.add(incarnation);
            } else {
                open.remove(incarnation);
            }
        }
        if (!delta.streams().isEmpty() || !delta.brokers().isEmpty()) {
            look();
        }
    }

    /** From now on it is up to this broker to seal them. */
    void begin(Sealer with) {
        sealer = with;
        look();
    }

    /** It is not any more. */
    void end() {
        sealer = null;
    }

    private void look() {
        if (sealer != null) {
            for (BrokerIncarnation incarnation : open) {
                if (!image.isRegistered(incarnation) && underWay.add(incarnation)) {
                    later(incarnation, context.settings().collectGrace(), 0);
                }
            }
        }
    }

    private void later(BrokerIncarnation incarnation, Duration delay, int attempt) {
        context.loop().schedule(delay, () -> seal(incarnation, attempt));
    }

    private void seal(BrokerIncarnation incarnation, int attempt) {
        Sealer with = sealer;
        if (with == null || !isOpen(incarnation) || image.isRegistered(incarnation)) {
            underWay.remove(incarnation);
            return;
        }
        with.close(incarnation).whenComplete((_, failure) -> {
            Optional<?> damage = failure == null ? Optional.empty() : Damage.in(FutureFailure.cause(failure));
            if (failure == null) {
                underWay.remove(incarnation);
            } else if (damage.isPresent()) {
                LOG.error("A stream is damaged and stays as it is [broker={}]", incarnation, failure);
            } else {
                if (sealer != null) {
                    LOG.warn("Could not seal the stream of a dead broker yet [broker={}]", incarnation, failure);
                }
                later(incarnation, RETRY.delay(attempt, context.random()), attempt + 1);
            }
        });
    }

    private boolean isOpen(BrokerIncarnation incarnation) {
        Versioned<StreamRecord> stream = image.streams().get(incarnation);
        return stream != null
                && (stream.value().state() == State.OPEN || stream.value().state() == State.CLOSING);
    }
}
