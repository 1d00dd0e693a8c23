package io.kafscale.broker.request;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.LogException;
import io.kafscale.log.LogException.Kind;
import io.kafscale.metastore.MetadataException;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ErrorMappingTest {
    private final ErrorMapping errors = new ErrorMapping(Errors.UNKNOWN_SERVER_ERROR);

    @ParameterizedTest
    @CsvSource({
        "NOT_LEADER, NOT_LEADER_OR_FOLLOWER",
        "UNKNOWN_PARTITION, UNKNOWN_TOPIC_OR_PARTITION",
        "FENCED_LEADER_EPOCH, FENCED_LEADER_EPOCH",
        "UNKNOWN_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH",
        "OFFSET_OUT_OF_RANGE, OFFSET_OUT_OF_RANGE",
        "OUT_OF_ORDER_SEQUENCE, OUT_OF_ORDER_SEQUENCE_NUMBER",
        "INVALID_PRODUCER_EPOCH, INVALID_PRODUCER_EPOCH",
        "DUPLICATE_SEQUENCE, DUPLICATE_SEQUENCE_NUMBER",
        "TOO_LARGE, MESSAGE_TOO_LARGE",
        "TIMED_OUT, REQUEST_TIMED_OUT",
        "STORAGE_UNAVAILABLE, KAFKA_STORAGE_ERROR",
        "CORRUPT, CORRUPT_MESSAGE",
        "POLICY_VIOLATION, POLICY_VIOLATION",
        "CLOSED, NOT_LEADER_OR_FOLLOWER"
    })
    void eachWayOfTheLogToRefuseHasItsCode(Kind kind, Errors expected) {
        assertThat(errors.of(new CompletionException(new LogException(kind, "told"))))
                .isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"NOT_LEADER", "TIMED_OUT", "STORAGE_UNAVAILABLE", "CLOSED"})
    void aProducerTriesAgainWhatMayWorkLater(Kind kind) {
        assertThat(errors.of(new LogException(kind, "told")).exception()).isInstanceOf(RetriableException.class);
    }

    @Test
    void aFetchWithoutAStoreGetsWhatTheOperatorChose() {
        var unavailable = new LogException(Kind.STORAGE_UNAVAILABLE, "told");
        assertThat(errors.ofFetch(unavailable)).isEqualTo(Errors.UNKNOWN_SERVER_ERROR);
        assertThat(new ErrorMapping(Errors.KAFKA_STORAGE_ERROR).ofFetch(unavailable))
                .isEqualTo(Errors.KAFKA_STORAGE_ERROR);
    }

    @ParameterizedTest
    @EnumSource(MetadataException.Kind.class)
    void noFailureOfTheMetadataStoreIsSuccess(MetadataException.Kind kind) {
        assertThat(errors.of(new MetadataException(kind, "told"))).isNotEqualTo(Errors.NONE);
    }

    @Test
    void whatNobodyForesawIsAnErrorWhoseDetailsStayInside() {
        var unforeseen = errors.explained(new IllegalStateException("a secret"));
        assertThat(unforeseen.error()).isEqualTo(Errors.UNKNOWN_SERVER_ERROR);
        assertThat(unforeseen.message()).doesNotContain("secret");
        assertThat(errors.explained(new InvalidTopicException("the reason")).message())
                .isEqualTo("the reason");
    }
}
