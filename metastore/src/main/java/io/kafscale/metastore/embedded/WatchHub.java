package io.kafscale.metastore.embedded;

import io.kafscale.metastore.MetadataStore.Watch;
import io.kafscale.metastore.WatchListener;
import io.kafscale.metastore.WatchListener.Change;
import io.kafscale.runtime.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Tells watches of durable revisions, those of the near past included. On the server's loop, but for closing a watch. */
final class WatchHub {
    /** One revision. */
    record Entry(long revision, List<Change> changes, long bytes) {}

    private final EventLoop loop;
    private final int maxRevisions;
    private final long maxBytes;
    private final Deque<Entry> history = new ArrayDeque<>();
    private final Set<Watcher> watchers = new LinkedHashSet<>();
    private long historyBytes;
    private long compacted;

    /**
     * A hub that knows nothing of revisions up to {@code compacted}.
     *
     * @param settings bounds of the history
     */
    WatchHub(EventLoop loop, long compacted, EmbeddedSettings settings) {
        this.loop = loop;
        this.compacted = compacted;
        this.maxRevisions = settings.historyRevisions();
        this.maxBytes = settings.historyBytes();
    }

    /** A revision became durable. */
    void publish(Entry entry) {
        history.addLast(entry);
        historyBytes += entry.bytes();
        for (Watcher watcher : watchers) {
            watcher.offer(entry);
        }
        while (history.size() > maxRevisions || historyBytes > maxBytes) {
            Entry oldest = history.removeFirst();
            historyBytes -= oldest.bytes();
            compacted = oldest.revision();
        }
    }

    /** Begins the reports of {@code watcher}. */
    void add(Watcher watcher) {
        if (watcher.nextRevision <= compacted) {
            loop.execute(watcher::reportCompacted);
            return;
        }
        history.forEach(watcher::offer);
        if (!watcher.closed) {
            watchers.add(watcher);
        }
    }

    /** Ends all reports. */
    void close() {
        watchers.forEach(watcher -> watcher.closed = true);
        watchers.clear();
    }

    /** Forgets the history up to {@code revision}, as a store does that compacts. */
    void compact(long revision) {
        while (!history.isEmpty() && history.getFirst().revision() <= revision) {
            historyBytes -= history.removeFirst().bytes();
        }
        compacted = Math.max(compacted, revision);
    }

    /** One watch. */
    final class Watcher implements Watch {
        private final String prefix;
        private final WatchListener listener;
        private long nextRevision;
        private volatile boolean closed;

        Watcher(String prefix, long fromRevision, WatchListener listener) {
            this.prefix = prefix;
            this.listener = listener;
            this.nextRevision = fromRevision;
        }

        private void offer(Entry entry) {
            if (entry.revision() < nextRevision) {
                return;
            }
            nextRevision = entry.revision() + 1;
            var mine = new ArrayList<Change>();
            for (Change change : entry.changes()) {
                if (change.key().startsWith(prefix)) {
                    mine.add(change);
                }
            }
            if (!mine.isEmpty()) {
                // A task of its own, so that the loop reports what a listener throws and the next listener is told all
                // the same.
                loop.execute(() -> {
                    if (!closed) {
                        listener.onChanges(entry.revision(), List.copyOf(mine));
                    }
                });
            }
        }

        private void reportCompacted() {
            if (!closed) {
                closed = true;
                listener.onCompacted();
            }
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                loop.execute(() -> watchers.remove(this));
            }
        }
    }
}
