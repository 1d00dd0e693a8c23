/**
 * Consumer groups: Apache Kafka's own group coordinator, hosted on the metadata store.
 *
 * <p>Groups hash to a fixed number of <em>shards</em>. A broker {@linkplain io.kafscale.coordinator.GroupCoordinatorHost#acquire
 * acquires} the shards it leads and answers for their groups through {@link io.kafscale.coordinator.GroupOperations}; everything
 * that Kafka would append to {@code __consumer_offsets} becomes a key of the shard instead (layout:
 * {@code docs/metadata-layout-groups.md}). A broker that dies leaves nothing behind: the next owner loads the same members,
 * generations and offsets, and no consumer rebalances. {@link io.kafscale.coordinator.GroupShards} says which shards that is, image
 * by image.
 *
 * <p>The way of a write: Kafka's coordinator runtime appends a batch to {@link io.kafscale.coordinator.StorePartitionWriter}, which
 * hands it to the {@link io.kafscale.coordinator.ShardTenure} of the shard. The tenure has one transaction in flight and merges what
 * arrives meanwhile into the next; a batch beyond one transaction goes through a write-ahead value. Each transaction passes the
 * {@link io.kafscale.coordinator.ShardFence}, which makes it conditional on our ownership and on the end offset we left, and settles
 * replies that never came. What was stored becomes the runtime's high watermark and releases the parked answers.
 *
 * <p>The life of a shard: {@link io.kafscale.coordinator.ShardSeat} takes the ownership in the store
 * ({@link io.kafscale.coordinator.ShardClaim}), lets the runtime load ({@link io.kafscale.coordinator.ShardLoader},
 * {@link io.kafscale.coordinator.ShardSnapshot}) and gives the shard up again, in the end in the store, too ({@link
 * io.kafscale.coordinator.ShardRelease}), one step at a time. Answers that write nothing pass the {@link
 * io.kafscale.coordinator.ShardGuard}.
 *
 * <p>Seats, claims, fences and the sending half of tenures belong to one {@link io.kafscale.runtime.EventLoop} and hold no lock. This
 * package is the only place that imports {@code org.apache.kafka.coordinator}, {@code .image}, {@code .server} or
 * {@code .storage} classes.
 */
@NullMarked
package io.kafscale.coordinator;

import org.jspecify.annotations.NullMarked;
