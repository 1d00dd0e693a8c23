package io.kafscale.broker.request;

import io.kafscale.coordinator.GroupOperations;
import io.kafscale.log.LogService;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.PlacementStore;
import io.kafscale.metastore.cluster.ProducerIdBlocks;
import io.kafscale.metastore.cluster.TopicStore;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.TimeSource;

/**
 * The collaborators of request handlers. Immutable; all of them are thread-safe.
 *
 * @param settings what an operator tunes
 * @param log the partitions this broker leads
 * @param images the cluster as the metadata store shows it
 * @param topics creates, changes and deletes topics
 * @param placement pins partitions to brokers
 * @param producerIds gives out producer ids
 * @param groups the group APIs
 * @param groupSettings configs of single groups
 * @param loop runs the timers of requests; its clock is the one of {@code log}
 */
public record BrokerContext(
        BrokerSettings settings,
        LogService log,
        ImageKeeper images,
        TopicStore topics,
        PlacementStore placement,
        ProducerIdBlocks producerIds,
        GroupOperations groups,
        GroupSettings groupSettings,
        EventLoop loop) {
    private static final int DOUBTFUL_THROTTLE_MS = 100;

    /** The cluster now. */
    public ClusterView cluster() {
        return new ClusterView(images.image());
    }

    /** The clock of requests and of the log. */
    public TimeSource time() {
        return loop.time();
    }

    /** The monotonic time {@code timeoutMs} from now, or now if that is negative. */
    public long deadlineIn(int timeoutMs) {
        return time().nanoTime() + Math.max(0, timeoutMs) * 1_000_000L;
    }

    /**
     * For how long a client is to leave this broker alone after an answer about records: 0, but for a broker that may have been
     * replaced without knowing by whom. Clients ask whoever has least to do who leads, which is that one, unless they may not.
     */
    public int throttleMs() {
        return log().isIncumbent() ? 0 : DOUBTFUL_THROTTLE_MS;
    }

    /** The one table of error codes. */
    public ErrorMapping errors() {
        return new ErrorMapping(settings.unavailableFetchError());
    }
}
