/**
 * {@code kafscale cluster}: looks at a cluster and moves what its brokers lead, through the metadata store and with the settings of
 * its brokers. No broker is asked: the brokers follow what is written.
 *
 * <p>{@link io.kafscale.app.cluster.ClusterCommand} names the subcommands. Each opens a {@code ClusterSession}, which follows the
 * cluster's image; what they do with it is in {@code ClusterView}, {@code BrokerDrain} and {@code PartitionMove}.
 */
@NullMarked
package io.kafscale.app.cluster;

import org.jspecify.annotations.NullMarked;
