package io.kafscale.log.engine;

import org.jspecify.annotations.Nullable;

/**
 * Who this broker is and where clients reach it. Immutable.
 *
 * @param brokerId the operator's number of the broker ({@code node.id})
 * @param rack the failure domain it is in, if the operator said so
 * @param version the software it runs
 */
public record BrokerEndpoint(
        int brokerId, String host, int port, @Nullable String rack, String version) {}
