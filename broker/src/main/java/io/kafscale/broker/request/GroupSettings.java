package io.kafscale.broker.request;

import io.kafscale.coordinator.GroupConfigRules;
import io.kafscale.metastore.cluster.GroupConfigStore;

/**
 * Configs of single consumer groups. Immutable; both are thread-safe.
 *
 * @param rules which there are, and which values they may have
 * @param store keeps what was set
 */
public record GroupSettings(GroupConfigRules rules, GroupConfigStore store) {}
