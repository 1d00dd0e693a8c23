package io.kafscale.wire;

import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.feature.Features;
import org.apache.kafka.common.message.ApiMessageType.ListenerType;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersionCollection;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.ApiVersionsResponse;

/**
 * The APIs and versions a listener speaks: what ApiVersions advertises and what the server lets through. Immutable,
 * any thread.
 *
 * <p>Every stable version that the protocol library can parse is served unless capped. ApiVersions itself and the two
 * SASL APIs are always part of the table, as on Kafka's broker listener; the SASL ones are answered by the network
 * layer.
 */
public final class ApiVersionTable {
    private static final Set<ApiKeys> ALWAYS =
            EnumSet.of(ApiKeys.API_VERSIONS, ApiKeys.SASL_HANDSHAKE, ApiKeys.SASL_AUTHENTICATE);

    private record Range(short min, short max) {}

    private final Map<ApiKeys, Range> served;

    private ApiVersionTable(Map<ApiKeys, Range> served) {
        this.served = served;
    }

    /**
     * A table of these APIs in all their stable versions.
     *
     * @throws IllegalArgumentException if one of them is not for clients, or has no stable version
     */
    public static ApiVersionTable of(Set<ApiKeys> apis) {
        var all = EnumSet.copyOf(ALWAYS);
        all.addAll(apis);
        var ranges = new EnumMap<ApiKeys, Range>(ApiKeys.class);
        for (ApiKeys api : all) {
            if (!api.inScope(ListenerType.BROKER)) {
                throw new IllegalArgumentException(api + " is not an API of a broker's client listener");
            }
            var range = new Range(api.oldestVersion(), api.latestVersion(false));
            if (range.max < range.min) {
                throw new IllegalArgumentException(api + " has no stable version");
            }
            ranges.put(api, range);
        }
        return new ApiVersionTable(ranges);
    }

    /**
     * This table without the versions of one API above a maximum.
     *
     * @throws IllegalArgumentException if the API is not in the table or would lose all its versions
     */
    public ApiVersionTable withMaxVersion(ApiKeys api, int maxVersion) {
        Range range = range(api);
        if (maxVersion < range.min || maxVersion > range.max) {
            throw new IllegalArgumentException(
                    "version " + maxVersion + " of " + api + " is not one of " + range.min + " to " + range.max);
        }
        var ranges = new EnumMap<>(served);
        ranges.put(api, new Range(range.min, (short) maxVersion));
        return new ApiVersionTable(ranges);
    }

    /**
     * Whether a request is let through to a handler. True for every version of ApiVersions, also for one that does not
     * exist: the client learns from the answer which do (KIP-511).
     */
    public boolean isServed(ApiKeys api, short version) {
        if (api == ApiKeys.API_VERSIONS) {
            return true;
        }
        Range range = served.get(api);
        return range != null && version >= range.min && version <= range.max;
    }

    /** The APIs in the table. */
    public Set<ApiKeys> apis() {
        return Collections.unmodifiableSet(served.keySet());
    }

    /** The oldest version of an API that is served; IllegalArgumentException if it is not in the table. */
    public short minVersion(ApiKeys api) {
        return range(api).min;
    }

    /** The newest version of an API that is served; IllegalArgumentException if it is not in the table. */
    public short maxVersion(ApiKeys api) {
        return range(api).max;
    }

    /**
     * Answers an ApiVersions request as Kafka does: UNSUPPORTED_VERSION for a version that does not exist,
     * INVALID_REQUEST for a malformed client name or version, else the table.
     */
    public ApiVersionsResponse answer(ApiVersionsRequest request) {
        if (request.hasUnsupportedRequestVersion()) {
            return request.getErrorResponse(0, Errors.UNSUPPORTED_VERSION.exception());
        }
        if (!request.isValid()) {
            return request.getErrorResponse(0, Errors.INVALID_REQUEST.exception());
        }
        return response();
    }

    /** The table as a fresh response. Produce starts at 0 although only 3 on is served: librdkafka asks (KAFKA-18659). */
    ApiVersionsResponse response() {
        ApiVersionCollection collected = ApiVersionsResponse.collectApis(ListenerType.BROKER, served.keySet(), false);
        for (ApiVersion version : collected) {
            version.setMaxVersion(range(ApiKeys.forId(version.apiKey())).max);
        }
        return new ApiVersionsResponse.Builder()
                .setApiVersions(collected)
                .setSupportedFeatures(Features.emptySupportedFeatures())
                .setFinalizedFeatures(Map.of())
                .setFinalizedFeaturesEpoch(ApiVersionsResponse.UNKNOWN_FINALIZED_FEATURES_EPOCH)
                .build();
    }

    private Range range(ApiKeys api) {
        Range range = served.get(api);
        if (range == null) {
            throw new IllegalArgumentException(api + " is not served");
        }
        return range;
    }
}
