/**
 * The metadata port over etcd (version 3.4 or later).
 *
 * <p>{@link io.kafscale.metastore.etcd.EtcdMetadataStore} is the way in; {@link io.kafscale.metastore.etcd.EtcdSettings} says where
 * etcd is and how to get in. Below it, all on one event loop of the store's own: {@code Calls} makes single calls, each with a
 * deadline, {@code Endpoints} chooses the member they go to and moves on when one fails, {@code Reconnection} has calls that no member
 * took wait for a connection, {@code EtcdFailures} says what a failure
 * means, {@code LeaseKeeper} renews leases over one stream, {@code EtcdWatch} follows a prefix over a stream of its own,
 * {@code RangeReader} reads listings in pages at one revision, and {@code EtcdMessages} turns the port's types into etcd's.
 *
 * <p>Neither this package nor gRPC ever sends a write twice on its own: retries of the transport are switched off, and the one
 * exception, a write that provably never left this process, is no second time. What remains in doubt is reported as such.
 *
 * <p>Messages and stubs are generated from {@code protocol/src/main/protobuf/etcd.proto}; no type of gRPC or of etcd's interface
 * leaves this package.
 */
@NullMarked
package io.kafscale.metastore.etcd;

import org.jspecify.annotations.NullMarked;
