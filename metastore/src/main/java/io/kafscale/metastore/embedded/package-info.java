/**
 * The metadata store inside the broker's own process: for a single broker without etcd, for tests and for the simulator.
 *
 * <p>{@link io.kafscale.metastore.embedded.EmbeddedMetadataStore} is the way in. Behind it, {@code EmbeddedServer} keeps everything
 * in memory on one event loop: an ordered {@code KeySpace} with etcd's revisions, leases, and a {@code WatchHub} with a bounded
 * history. What it applies goes through a {@code CommitLog} before anybody sees it: none for {@code memory:}, and for a directory
 * the {@code Journal}, which has its own thread, writes all transactions that wait in one go and waits for the disk once.
 *
 * <p>The files are described in {@code docs/metadata-layout.md}. {@code JournalDirectory} opens them: it loads the newest snapshot,
 * replays the journals that follow it, cuts a torn tail and refuses anything else that is damaged.
 */
@NullMarked
package io.kafscale.metastore.embedded;

import org.jspecify.annotations.NullMarked;
