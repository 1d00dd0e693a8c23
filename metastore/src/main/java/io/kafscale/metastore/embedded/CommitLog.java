package io.kafscale.metastore.embedded;

import io.kafscale.metastore.WatchListener.Change;
import java.util.List;

/** Where the server's revisions go before anybody may see them. Called on the server's loop, {@link #close()} from any thread. */
interface CommitLog {
    /** Told how the log fares, on any thread. */
    interface Listener {
        /** All revisions up to {@code revision} are durable. */
        void onDurable(long revision);

        /** The log is broken for good; what is not durable yet may or may not be found at the next start. */
        void onFailure(Throwable cause);
    }

    /** Sends what happens from now on to {@code listener}. */
    void start(Listener listener);

    /** Appends one revision. */
    void append(long revision, List<Change> changes);

    /** Whether so much was appended that a snapshot is worth its cost. */
    boolean wantsSnapshot();

    /** Everything as of the last revision appended: what came before may be forgotten. */
    void snapshot(KeySpace.Image image);

    /** Whether {@link #close()} blocks. */
    boolean blocks();

    /** Makes durable what was appended and releases everything. */
    void close();

    /** Keeps nothing: every revision is as durable as the memory it is in. */
    static CommitLog none() {
        return new CommitLog() {
            private Listener listener = new Listener() {
                @Override
                public void onDurable(long revision) {}

                @Override
                public void onFailure(Throwable cause) {}
            };

            @Override
            public void start(Listener told) {
                listener = told;
            }

            @Override
            public void append(long revision, List<Change> changes) {
                listener.onDurable(revision);
            }

            @Override
            public boolean wantsSnapshot() {
                return false;
            }

            @Override
            public void snapshot(KeySpace.Image image) {}

            @Override
            public boolean blocks() {
                return false;
            }

            @Override
            public void close() {}
        };
    }
}
