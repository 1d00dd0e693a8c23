/**
 * Tests of the broker. {@link io.kafscale.broker.TestCluster} is a cluster of one broker in memory: the real metadata store and
 * images, {@link io.kafscale.broker.ListedLog} in the place of the log, and either {@link io.kafscale.broker.CannedGroups} or the
 * real group coordinator.
 */
@NullMarked
package io.kafscale.broker;

import org.jspecify.annotations.NullMarked;
