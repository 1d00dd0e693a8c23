package io.kafscale.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumSet;
import org.apache.kafka.common.message.ApiVersionsRequestData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.junit.jupiter.api.Test;

class ApiVersionTableTest {
    private final ApiVersionTable table = ApiVersionTable.of(EnumSet.of(ApiKeys.PRODUCE, ApiKeys.FETCH));

    private static ApiVersionsRequest request(String softwareName) {
        return new ApiVersionsRequest(
                new ApiVersionsRequestData().setClientSoftwareName(softwareName).setClientSoftwareVersion("1"),
                (short) 3);
    }

    private ApiVersion advertised(ApiVersionTable of, ApiKeys api) {
        return of.answer(request("x")).apiVersion(api.id);
    }

    @Test
    void advertisesWhatIsServed() {
        assertThat(table.answer(request("x")).data().apiKeys())
                .extracting(ApiVersion::apiKey)
                .containsExactlyInAnyOrder(
                        ApiKeys.PRODUCE.id,
                        ApiKeys.FETCH.id,
                        ApiKeys.API_VERSIONS.id,
                        ApiKeys.SASL_HANDSHAKE.id,
                        ApiKeys.SASL_AUTHENTICATE.id);
        assertThat(advertised(table, ApiKeys.FETCH).minVersion()).isEqualTo((short) 4);
        assertThat(advertised(table, ApiKeys.FETCH).maxVersion()).isEqualTo(ApiKeys.FETCH.latestVersion(false));
    }

    @Test
    void advertisesProduceFromZeroButServesItFromThree() {
        assertThat(advertised(table, ApiKeys.PRODUCE).minVersion()).isZero();
        assertThat(table.isServed(ApiKeys.PRODUCE, (short) 2)).isFalse();
        assertThat(table.isServed(ApiKeys.PRODUCE, (short) 3)).isTrue();
        assertThat(table.minVersion(ApiKeys.PRODUCE)).isEqualTo((short) 3);
    }

    @Test
    void aCapHoldsForBoth() {
        ApiVersionTable capped = table.withMaxVersion(ApiKeys.FETCH, 12);
        assertThat(advertised(capped, ApiKeys.FETCH).maxVersion()).isEqualTo((short) 12);
        assertThat(capped.isServed(ApiKeys.FETCH, (short) 12)).isTrue();
        assertThat(capped.isServed(ApiKeys.FETCH, (short) 13)).isFalse();
        assertThat(capped.maxVersion(ApiKeys.FETCH)).isEqualTo((short) 12);
        assertThat(table.isServed(ApiKeys.FETCH, (short) 13)).isTrue();
    }

    @Test
    void letsEveryVersionOfApiVersionsThrough() {
        assertThat(table.isServed(ApiKeys.API_VERSIONS, (short) 500)).isTrue();
        assertThat(table.isServed(ApiKeys.METADATA, (short) 1)).isFalse();
    }

    @Test
    void refusesAMalformedClientNameAsKafkaDoes() {
        assertThat(table.answer(request("no spaces allowed")).data().errorCode())
                .isEqualTo(Errors.INVALID_REQUEST.code());
        var unsupported = new ApiVersionsRequest(new ApiVersionsRequestData(), (short) 0, (short) 99);
        assertThat(table.answer(unsupported).data().errorCode()).isEqualTo(Errors.UNSUPPORTED_VERSION.code());
    }

    @Test
    void refusesCapsAndApisThatMakeNoSense() {
        assertThatThrownBy(() -> table.withMaxVersion(ApiKeys.FETCH, 3)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> table.withMaxVersion(ApiKeys.METADATA, 3))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ApiVersionTable.of(EnumSet.of(ApiKeys.VOTE)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
