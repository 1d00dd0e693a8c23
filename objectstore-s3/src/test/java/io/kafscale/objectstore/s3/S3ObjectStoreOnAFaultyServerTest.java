package io.kafscale.objectstore.s3;

import static io.kafscale.objectstore.Outcomes.await;
import static io.kafscale.objectstore.Outcomes.failure;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.objectstore.CountingMemory;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.ObjectStore.PutOutcome;
import io.kafscale.objectstore.ObjectStoreContract;
import io.kafscale.objectstore.Payload;
import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.testkit.s3.Fault;
import io.kafscale.testkit.s3.FaultyS3Server;
import io.kafscale.testkit.s3.S3Request;
import io.kafscale.testkit.s3.S3Request.Operation;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The contract on a faultless server, and what each fault turns into. */
class S3ObjectStoreOnAFaultyServerTest extends ObjectStoreContract {
    private static final S3Timeouts IMPATIENT =
            new S3Timeouts(Duration.ofSeconds(2), Duration.ofMillis(500), Duration.ofMillis(500), 1 << 20);

    private final FaultyS3Server server;

    S3ObjectStoreOnAFaultyServerTest() throws IOException {
        server = FaultyS3Server.start("faulty");
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Override
    protected ObjectStore openStore() {
        return S3ObjectStore.open(settings());
    }

    private S3Settings settings() {
        return S3Settings.of(URI.create("s3://faulty/prefix")).at(server.endpoint(), true);
    }

    @ParameterizedTest
    @CsvSource({
        "409, ConditionalRequestConflict, CONFLICT, CONFLICT",
        "409, OperationAborted, CONFLICT, CONFLICT",
        "429, TooManyRequests, THROTTLED, THROTTLED",
        "503, SlowDown, THROTTLED, THROTTLED",
        "503, ServiceUnavailable, OUTCOME_UNKNOWN, UNAVAILABLE",
        "500, InternalError, OUTCOME_UNKNOWN, UNAVAILABLE",
        "502, BadGateway, OUTCOME_UNKNOWN, UNAVAILABLE",
        "504, GatewayTimeout, OUTCOME_UNKNOWN, UNAVAILABLE",
        "400, RequestTimeout, OUTCOME_UNKNOWN, UNAVAILABLE",
        "400, BadDigest, OUTCOME_UNKNOWN, UNAVAILABLE",
        "400, ExpiredToken, DENIED, DENIED",
        "400, AuthorizationHeaderMalformed, DENIED, DENIED",
        "400, InvalidArgument, INVALID, INVALID",
        "301, PermanentRedirect, DENIED, DENIED",
        "403, AccessDenied, DENIED, DENIED",
        "403, SignatureDoesNotMatch, DENIED, DENIED",
        "403, RequestTimeTooSkewed, DENIED, DENIED",
        "403, InvalidAccessKeyId, DENIED, DENIED",
        "404, NoSuchBucket, DENIED, DENIED",
        "404, NoSuchKey, DENIED, NOT_FOUND",
        "405, MethodNotAllowed, INVALID, INVALID",
        "501, NotImplemented, INVALID, INVALID",
    })
    void whatTheStoreAnswersBecomesAKind(int status, String code, Kind write, Kind read) {
        server.inject(100, request -> true, new Fault.Answer(status, code, "for a test"));
        // When
        var put = failure(store.putIfAbsent(key("object"), payload(10)));
        var get = failure(store.get(key("object"), 10));
        var range = failure(store.getRange(key("object"), 0, 10));
        var tail = failure(store.getTail(key("object"), 10));
        var list = failure(store.list(key(""), "", 10));
        // Then
        assertThat(put.kind()).isEqualTo(write);
        assertThat(put).hasMessageContaining(status + " " + code).hasMessageContaining(key("object"));
        assertThat(List.of(get.kind(), range.kind(), tail.kind(), list.kind())).containsOnly(read);
        assertThat(server.requests()).as("nothing is repeated").hasSize(5);
    }

    @Test
    void aDeletionThatFailsSaysSo() {
        server.inject(2, request -> true, Fault.internalError());
        // Then
        assertThat(failure(store.delete(List.of(key("a")))).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(failure(store.delete(List.of(key("a"), key("b")))).kind()).isEqualTo(Kind.UNAVAILABLE);
        server.injectOnce(Operation.DELETE, new Fault.Answer(404, "NoSuchKey", "for a test"));
        await(store.delete(List.of(key("a"))));
        assertThat(server.requests()).hasSize(3);
    }

    @Test
    void aPutWhoseAnswerIsLostIsInDoubtAndMayHaveLanded() {
        server.injectOnce(Operation.PUT, new Fault.LoseResponse());
        // When
        var lost = failure(store.putIfAbsent(key("object"), payload(10)));
        var again = await(store.putIfAbsent(key("object"), payload(10)));
        // Then
        assertThat(lost.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(again).isEqualTo(PutOutcome.ALREADY_EXISTS);
    }

    @Test
    void aPutThatIsTornOnTheWayIsInDoubtAndDidNotLand() {
        server.injectOnce(Operation.PUT, new Fault.TearRequest(5));
        // When
        var torn = failure(store.putIfAbsent(key("object"), payload(4 << 20)));
        var again = await(store.putIfAbsent(key("object"), payload(10)));
        // Then
        assertThat(torn.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(again).isEqualTo(PutOutcome.CREATED);
    }

    @Test
    void aPutThatGetsNoAnswerEndsInTimeAndMayLandLater() {
        var moment = new CompletableFuture<Void>();
        server.injectOnce(Operation.PUT, new Fault.Land(moment));
        var released = new AtomicBoolean();
        var payload = new Payload(List.of(ByteBuffer.allocate(10)), () -> released.set(true));
        try (var impatient = S3ObjectStore.open(settings().with(IMPATIENT))) {
            // When
            var put = impatient.putIfAbsent(key("object"), payload);
            payload.release();
            var failure = failure(put);
            // Then
            assertThat(failure.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
            assertThat(failure).hasMessageContaining("no answer from S3 in time");
            assertThat(released).as("the attempt has ended").isTrue();
            assertThat(server.objects()).isEmpty();
            moment.complete(null);
            assertThat(server.objects()).containsKey("prefix/" + key("object"));
        }
    }

    @Test
    void aPayloadStaysPinnedWhileItsAttemptIsUnderWay() {
        var moment = new CompletableFuture<Void>();
        server.injectOnce(Operation.PUT, new Fault.Land(moment));
        var released = new AtomicInteger();
        var payload = new Payload(List.of(ByteBuffer.allocate(10)), released::incrementAndGet);
        // When
        var put = store.putIfAbsent(key("object"), payload);
        payload.release();
        server.awaitRequests(1);
        put.cancel(false);
        // Then
        assertThat(released).hasValue(0);
        store.close();
        assertThat(released).hasValue(1);
    }

    @Test
    void aLargePutIsRefusedBeforeItsBytesAreSent() {
        server.injectOnce(Operation.PUT, Fault.slowDown());
        // When
        var refused = failure(store.putIfAbsent(key("object"), payload(8 << 20)));
        // Then
        assertThat(refused.kind()).isEqualTo(Kind.THROTTLED);
        assertThat(server.requests().getFirst().headers()).containsEntry("expect", "100-continue");
    }

    @Test
    void readsThatAreTornAreUnavailable() {
        await(store.putIfAbsent(key("object"), payload(1000)));
        server.inject(3, request -> request.operation() == Operation.GET, new Fault.TearResponse(500));
        var memory = new CountingMemory();
        // Then
        assertThat(failure(store.get(key("object"), 1000, memory)).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(failure(store.getRange(key("object"), 0, 1000, memory)).kind())
                .isEqualTo(Kind.UNAVAILABLE);
        assertThat(failure(store.getTail(key("object"), 1000)).kind()).isEqualTo(Kind.UNAVAILABLE);
        assertThat(memory.ever()).isEqualTo(2);
        assertThat(memory.taken()).isZero();
        assertThat(await(store.get(key("object"), 1000)).remaining()).isEqualTo(1000);
    }

    @Test
    void readsThatGetNoAnswerAreUnavailable() {
        server.inject(2, request -> true, Fault.stall());
        try (var impatient = S3ObjectStore.open(settings().with(IMPATIENT))) {
            assertThat(failure(impatient.get(key("object"), 10)).kind()).isEqualTo(Kind.UNAVAILABLE);
            assertThat(failure(impatient.list(key(""), "", 10)).kind()).isEqualTo(Kind.UNAVAILABLE);
        }
    }

    @Test
    void aStoreThatIgnoresRangesIsStillReadRight() {
        await(store.putIfAbsent(key("digits"), Payload.of(bytes("0123456789"))));
        server.ignoreRanges();
        // Then
        assertThat(await(store.getRange(key("digits"), 3, 4))).isEqualTo(bytes("3456"));
        assertThat(await(store.getRange(key("digits"), 20, 4)).remaining()).isZero();
        assertThat(await(store.getTail(key("digits"), 2)).bytes()).isEqualTo(bytes("89"));
        assertThat(await(store.getTail(key("digits"), 2)).objectSize()).isEqualTo(10);
    }

    @Test
    void aServerThatIsNotThereIsTransient() throws IOException {
        server.close();
        // Then
        var write = failure(store.putIfAbsent(key("object"), payload(10)));
        assertThat(write.kind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
        assertThat(write).hasMessageContaining("no connection to S3");
        assertThat(failure(store.get(key("object"), 10)).kind()).isEqualTo(Kind.UNAVAILABLE);
    }

    @Test
    void closingEndsWhatIsUnderWay() {
        server.inject(2, request -> true, Fault.stall());
        var put = store.putIfAbsent(key("object"), payload(10));
        var get = store.get(key("object"), 10);
        server.awaitRequests(2);
        // When
        store.close();
        // Then
        assertThat(failure(put).kind()).isEqualTo(Kind.CLOSED);
        assertThat(failure(get).kind()).isEqualTo(Kind.CLOSED);
    }

    @Test
    void aPutIsOneConditionalRequestWithoutChunksOrTrailers() {
        // When
        await(store.putIfAbsent(key("object"), payload(1000)));
        // Then
        S3Request put = server.requests().getFirst();
        assertThat(server.requests()).hasSize(1);
        assertThat(put.headers())
                .containsEntry("if-none-match", "*")
                .containsEntry("content-length", "1000")
                .doesNotContainKeys("transfer-encoding", "x-amz-trailer", "expect", "content-encoding");
        assertThat(put.headers().get("x-amz-content-sha256")).hasSize(64);
    }

    private static Payload payload(int bytes) {
        return Payload.of(ByteBuffer.allocate(bytes / 2), ByteBuffer.allocateDirect(bytes - bytes / 2));
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
