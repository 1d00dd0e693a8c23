/**
 * What clients ask about the cluster: {@link io.kafscale.broker.cluster.MetadataHandler}, {@link
 * io.kafscale.broker.cluster.DescribeClusterHandler}, {@link io.kafscale.broker.cluster.DescribeTopicPartitionsHandler} and {@link
 * io.kafscale.broker.cluster.FindCoordinatorHandler}, all answered from the cluster image. {@link
 * io.kafscale.broker.cluster.TopicMetadata} says what a topic looks like from outside: each partition has one replica, its leader,
 * since the object store is what keeps its records.
 */
@NullMarked
package io.kafscale.broker.cluster;

import org.jspecify.annotations.NullMarked;
