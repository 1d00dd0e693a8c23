package io.kafscale.metastore.etcd;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which endpoint is asked: one until it fails, then the next. Several reasons to fail are not seen by the transport: a member that
 * was stopped, one that is cut off from the others. On the store's loop.
 */
final class Endpoints {
    private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);

    private final List<EtcdEndpoint> all;
    private final Set<Stream> streams = new LinkedHashSet<>();
    private int current;

    /** Something that holds on to one endpoint. */
    interface Stream {
        /** Leaves {@code endpoint}, which has failed somebody, for the one that is asked now. */
        void leave(EtcdEndpoint endpoint);
    }

    /** The endpoints, of which any is the first, so that brokers spread over members. */
    Endpoints(List<EtcdEndpoint> all, RandomGenerator random) {
        this.all = List.copyOf(all);
        this.current = random.nextInt(all.size());
    }

    List<EtcdEndpoint> all() {
        return all;
    }

    EtcdEndpoint current() {
        return all.get(current);
    }

    /** Moves on to the next endpoint if {@code endpoint} is still the one that is asked. */
    void suspect(EtcdEndpoint endpoint, String why) {
        if (all.size() == 1 || endpoint != current()) {
            return;
        }
        current = (current + 1) % all.size();
        LOG.warn("Turning from one etcd member to the next [member={}, next={}, why={}]", endpoint, current(), why);
        for (Stream stream : List.copyOf(streams)) {
            stream.leave(endpoint);
        }
    }

    void add(Stream stream) {
        streams.add(stream);
    }

    void remove(Stream stream) {
        streams.remove(stream);
    }
}
