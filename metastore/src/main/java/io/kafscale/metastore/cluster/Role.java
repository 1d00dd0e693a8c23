package io.kafscale.metastore.cluster;

import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Lease;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.MetadataStore.Watch;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.WatchListener;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.FutureFailure;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that one broker does for all: whoever first writes the role's key, attached to the lease of its registration, holds the
 * role until that lease ends; the others watch the key and try when it has gone. A holder that stands still may not know that it has
 * lost the role, so nothing may depend on there being one holder only. On the loop of the access.
 */
public final class Role implements AutoCloseable {
    private static final Backoff RETRY = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));
    private static final Logger LOG = LoggerFactory.getLogger(Role.class);

    /** Told on the loop. */
    public interface Listener {
        /** The role is ours. */
        void acquired();

        /** It is not ours any more. */
        void lost();
    }

    private final MetadataAccess access;
    private final SettledCommits commits;
    private final String name;
    private final String key;
    private final BrokerIncarnation holder;
    private final Supplier<Lease> lease;
    private final Listener listener;
    private @Nullable Watch watch;
    private long round;
    private int failures;
    private boolean held;
    private boolean closed;

    /**
     * Competes for a role from now on.
     *
     * @param name of the role
     * @param holder who competes
     * @param lease of the holder's registration, whichever that is at the time
     */
    public Role(
            MetadataAccess access, String name, BrokerIncarnation holder, Supplier<Lease> lease, Listener listener) {
        this.access = access;
        this.commits = new SettledCommits(access);
        this.name = name;
        this.key = access.keys().role(name);
        this.holder = holder;
        this.lease = lease;
        this.listener = listener;
        access.loop().execute(this::look);
    }

    /** Whether the role is ours, as far as is known. */
    public boolean isHeld() {
        return held;
    }

    /** Looks who holds the role, and tries to get it if nobody does. */
    private void look() {
        if (closed) {
            return;
        }
        long mine = ++round;
        endWatch();
        access.store()
                .range(key)
                .whenComplete((found, failure) -> access.loop().execute(() -> {
                    if (closed || mine != round) {
                        return;
                    }
                    if (failure != null) {
                        lookLater(FutureFailure.cause(failure));
                    } else {
                        found(mine, found);
                    }
                }));
    }

    private void found(long mine, RangeResult found) {
        Optional<KeyValue> stored =
                found.keys().stream().filter(known -> known.key().equals(key)).findFirst();
        if (stored.isEmpty()) {
            take(mine);
        } else if (stored.get().leaseId() == lease.get().id()) {
            // An attempt of ours whose answers were all lost: nobody else ever takes it while our lease lives.
            acquired(mine, found.revision());
        } else {
            follow(mine, found.revision() + 1);
        }
    }

    private void acquired(long mine, long revision) {
        held = true;
        LOG.info("Took over a role [role={}, broker={}]", name, holder);
        listener.acquired();
        follow(mine, revision + 1);
    }

    private void take(long mine) {
        var transaction = Transaction.builder()
                .requireAbsent(key)
                .put(key, RecordJson.encodeRole(holder), lease.get().id())
                .build();
        commits.commit(transaction).whenComplete((answer, failure) -> {
            if (closed || mine != round) {
                return;
            }
            if (failure != null) {
                lookLater(FutureFailure.cause(failure));
            } else if (answer instanceof CommitResult.Committed(long revision)) {
                acquired(mine, revision);
            } else {
                look();
            }
        });
    }

    private void follow(long mine, long fromRevision) {
        failures = 0;
        try {
            watch = access.store().watch(key, fromRevision, new WatchListener() {
                @Override
                public void onChanges(long revision, List<Change> changes) {
                    if (changes.stream().anyMatch(change -> change.key().equals(key))) {
                        access.loop().execute(() -> changed(mine));
                    }
                }

                @Override
                public void onCompacted() {
                    access.loop().execute(() -> changed(mine));
                }
            });
        } catch (MetadataException failure) {
            lookLater(failure);
        }
    }

    private void changed(long mine) {
        if (!closed && mine == round) {
            lose();
            look();
        }
    }

    private void lookLater(Throwable failure) {
        if (failure instanceof MetadataException known && known.kind() == Kind.CLOSED) {
            return;
        }
        LOG.warn("Cannot find out who holds a role, trying again [role={}]", name, failure);
        long mine = round;
        access.loop().schedule(RETRY.delay(failures++, access.random()), () -> {
            if (mine == round) {
                look();
            }
        });
    }

    private void lose() {
        if (held) {
            held = false;
            listener.lost();
        }
    }

    private void endWatch() {
        if (watch != null) {
            watch.close();
            watch = null;
        }
    }

    /** Competes no more; a role that is held ends with its lease. On the loop. */
    @Override
    public void close() {
        closed = true;
        endWatch();
        lose();
    }
}
