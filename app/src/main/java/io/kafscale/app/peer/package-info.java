/**
 * Keeps in touch with the other brokers of the cluster, so that the death of one is seen at once.
 *
 * <p>{@link io.kafscale.app.peer.PeerLinks} holds one connection to each broker that a
 * {@link io.kafscale.metastore.cluster.FailureDetector} wants watched. A connection carries nothing: its end, and what follows when it
 * is opened again, is the news. Each has a virtual thread, in which blocking is welcome.
 */
@NullMarked
package io.kafscale.app.peer;

import org.jspecify.annotations.NullMarked;
