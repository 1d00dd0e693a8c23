package io.kafscale.metastore;

import java.util.List;

/** Told what changes under a watched prefix. Calls come one at a time, in revision order, on a thread of the store: do not block. */
public interface WatchListener {
    /** All changes of one or more whole revisions, the last of which is {@code revision}. */
    void onChanges(long revision, List<Change> changes);

    /** Revisions this watch needs are gone: it has ended; list again and watch from there. */
    void onCompacted();

    /** One change of one key. */
    sealed interface Change {
        /** The key. */
        String key();

        /** The key was written. */
        record Put(KeyValue now) implements Change {
            @Override
            public String key() {
                return now.key();
            }
        }

        /** The key was deleted, by a transaction or because its lease ended. */
        record Deleted(String key, long modRevision) implements Change {}
    }
}
