/**
 * A whole cluster on this machine, to try things out: {@code make cluster}.
 * {@link io.kafscale.testkit.cluster.LocalClusterMain} starts a {@link io.kafscale.testkit.cluster.LocalCluster}, whose processes end
 * with it, however it ends.
 */
@NullMarked
package io.kafscale.testkit.cluster;

import org.jspecify.annotations.NullMarked;
