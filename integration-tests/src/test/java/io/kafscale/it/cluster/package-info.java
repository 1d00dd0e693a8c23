/**
 * A cluster as its users run it: broker processes, an etcd and an S3 server, all on loopback. {@link io.kafscale.it.cluster.ClusterUnderTest}
 * starts and ends it. What a test can do to it: kill, stop, continue, drain and start each process, and slow down, hold back and cut
 * the way of each broker to the metadata store and to the object store.
 */
@NullMarked
package io.kafscale.it.cluster;

import org.jspecify.annotations.NullMarked;
