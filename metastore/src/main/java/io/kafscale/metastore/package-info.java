/**
 * The metadata port: a small, strongly consistent, ordered key-value store with revisions, the shape of etcd's.
 *
 * <p>{@link io.kafscale.metastore.MetadataStore} reads, commits {@link io.kafscale.metastore.Transaction}s that compare revisions,
 * watches prefixes and grants leases. One contract test runs on every implementation. What Kafscale keeps in it (topics, partition
 * records, broker registrations, producer-id blocks) is in {@code io.kafscale.metastore.cluster}.
 */
@NullMarked
package io.kafscale.metastore;

import org.jspecify.annotations.NullMarked;
