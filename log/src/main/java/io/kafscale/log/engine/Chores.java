package io.kafscale.log.engine;

import io.kafscale.metastore.cluster.ClusterDelta;
import io.kafscale.metastore.cluster.ClusterImage;
import io.kafscale.metastore.cluster.Role;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one broker does for all: it removes what is left of deleted topics, deletes streams that nobody needs, seals those whose
 * broker is gone, and what else it is given. All brokers follow what there is to do; whoever holds the role does it, and two that
 * both believe to hold it do no harm. Log loop only.
 */
final class Chores {
    static final String ROLE = "collector";

    private final EngineContext context;
    private final TopicCollector topics;
    private final ClosedStreamCollector streams;
    private final AbandonedStreams abandoned;
    private final List<Role.Listener> others = new ArrayList<>();
    private @Nullable Role role;

    Chores(EngineContext context, EngineStores stores) {
        this.context = context;
        this.topics = new TopicCollector(context, stores.topics());
        this.streams = new ClosedStreamCollector(context, stores);
        this.abandoned = new AbandonedStreams(context);
    }

    /** Has {@code other} done, too, by whoever holds the role. */
    void add(Role.Listener other) {
        others.add(other);
        if (role != null && role.isHeld()) {
            other.acquired();
        }
    }

    /** Has to be told of every change of the image. */
    void follow(ClusterImage before, ClusterImage image, ClusterDelta delta) {
        topics.follow(image, delta);
        streams.follow(before, image, delta);
        abandoned.follow(image, delta);
    }

    /** A session is at work: it competes for the role until it is over. */
    void begin(Session session) {
        end();
        role = new Role(context.metadata(), ROLE, session.incarnation(), session::lease, new Role.Listener() {
            @Override
            public void acquired() {
                topics.begin();
                streams.begin();
                abandoned.begin(session.moves()::close);
                others.forEach(Role.Listener::acquired);
            }

            @Override
            public void lost() {
                rest();
                others.forEach(Role.Listener::lost);
            }
        });
    }

    /** The session at work is over. */
    void end() {
        if (role != null) {
            role.close();
            role = null;
        }
        rest();
    }

    private void rest() {
        topics.end();
        streams.end();
        abandoned.end();
    }
}
