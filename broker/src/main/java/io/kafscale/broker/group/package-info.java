/**
 * Consumer groups at the edge. The work is Kafka's own coordinator's, behind {@link io.kafscale.coordinator.GroupOperations}; what is
 * here is what Kafka's broker does around it: topic ids to names and back, partitions that do not exist, request and response
 * classes. {@link io.kafscale.broker.group.MembershipHandler} is for members of groups, {@link
 * io.kafscale.broker.group.GroupAdminHandler} for those who look at groups, and the three offset handlers for committed offsets.
 */
@NullMarked
package io.kafscale.broker.group;

import org.jspecify.annotations.NullMarked;
