package io.kafscale.broker.request;

import java.util.Set;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.utils.Utils;

/**
 * The operations a client may perform, as the bit fields of KIP-430. There is no authorizer, so these are all operations that
 * Kafka has for a kind of resource.
 */
public final class AuthorizedOperations {
    /** On a topic. */
    public static final int TOPIC = bits(Set.of(
            AclOperation.READ,
            AclOperation.WRITE,
            AclOperation.CREATE,
            AclOperation.DESCRIBE,
            AclOperation.DELETE,
            AclOperation.ALTER,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS));

    /** On a group. */
    public static final int GROUP = bits(Set.of(
            AclOperation.READ,
            AclOperation.DESCRIBE,
            AclOperation.DELETE,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS));

    /** On the cluster. */
    public static final int CLUSTER = bits(Set.of(
            AclOperation.CREATE,
            AclOperation.CLUSTER_ACTION,
            AclOperation.DESCRIBE_CONFIGS,
            AclOperation.ALTER_CONFIGS,
            AclOperation.IDEMPOTENT_WRITE,
            AclOperation.ALTER,
            AclOperation.DESCRIBE));

    private AuthorizedOperations() {}

    private static int bits(Set<AclOperation> operations) {
        return Utils.to32BitField(
                operations.stream().map(AclOperation::code).collect(java.util.stream.Collectors.toSet()));
    }
}
