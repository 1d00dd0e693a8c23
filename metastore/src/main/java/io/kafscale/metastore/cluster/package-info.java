/**
 * What Kafscale keeps in the metadata store, and how brokers see it.
 *
 * <p>Records, each one key with a small JSON value ({@link io.kafscale.metastore.cluster.MetadataKeys} builds every key; the layout
 * is written down in {@code docs/metadata-layout.md}): {@link io.kafscale.metastore.cluster.ClusterRecord},
 * {@link io.kafscale.metastore.cluster.BrokerRegistration}, {@link io.kafscale.metastore.cluster.StreamRecord},
 * {@link io.kafscale.metastore.cluster.TopicRecord}, {@link io.kafscale.metastore.cluster.TopicTombstone} and
 * {@link io.kafscale.metastore.cluster.PartitionRecord} with its {@link io.kafscale.metastore.cluster.Tenure}s,
 * {@link io.kafscale.metastore.cluster.BrokerAvailability}, {@link io.kafscale.metastore.cluster.Suspicions}, and pins of partitions to
 * brokers. They are immutable;
 * a legal move is a method that returns the next record or says what is wrong.
 *
 * <p>Stores write them ({@link io.kafscale.metastore.cluster.TopicStore}, {@link io.kafscale.metastore.cluster.PartitionStore},
 * {@link io.kafscale.metastore.cluster.BrokerRegistry}, {@link io.kafscale.metastore.cluster.ClusterStore},
 * {@link io.kafscale.metastore.cluster.ProducerIdStore}, {@link io.kafscale.metastore.cluster.PlacementStore}). Every write compares the modification revision of every key it
 * overwrites, and a doubtful answer is settled before the next step, so that a request that is delayed or arrives twice changes
 * nothing.
 *
 * <p>Requests never read the store: {@link io.kafscale.metastore.cluster.ImageKeeper} follows it and publishes one immutable
 * {@link io.kafscale.metastore.cluster.ClusterImage} after the other. Who should lead what follows from an image alone: the
 * {@link io.kafscale.metastore.cluster.LeadershipPlan}. A {@link io.kafscale.metastore.cluster.FailureDetector} removes registrations of
 * brokers that refuse connections before their leases run out.
 */
@NullMarked
package io.kafscale.metastore.cluster;

import org.jspecify.annotations.NullMarked;
