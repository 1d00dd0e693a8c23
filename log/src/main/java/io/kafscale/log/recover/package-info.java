/**
 * Rebuilds the metadata of a namespace from its bucket, over a metadata store that was lost or restored from an old copy, while no
 * broker runs.
 *
 * <p>Start at {@link io.kafscale.log.recover.NamespaceRecovery}. It looks at the bucket ({@code BucketSurvey}: what streams, directories
 * and segments say of themselves), and makes a {@link io.kafscale.log.recover.RecoveryPlan} of that and of what metadata there is:
 * {@code TopicPlan} decides which topics there are, {@code PartitionPlan} which offsets are where. Only when asked to, it carries the plan
 * out: a new identity object that shuts out every broker, seals on all streams, the plan made again from what can no longer change,
 * the records, and the cluster record last, which lets brokers in. Dying in between leaves a namespace on which no broker starts and
 * on which it can be run again.
 *
 * <p>Everything runs on one event loop with a bounded number of requests under way.
 */
@NullMarked
package io.kafscale.log.recover;

import org.jspecify.annotations.NullMarked;
