/**
 * Real etcd processes on loopback, for tests: {@link io.kafscale.testkit.etcd.EtcdCluster} starts one or three members,
 * {@link io.kafscale.testkit.etcd.EtcdMember} is one of them, which can be paused, killed and started again with its data. The
 * program is the {@code etcd} on the path (Debian's etcd-server, {@code make test-tools}), or the one that
 * {@code -Dkafscale.etcd=/path/etcd} names.
 */
@NullMarked
package io.kafscale.testkit.etcd;

import org.jspecify.annotations.NullMarked;
