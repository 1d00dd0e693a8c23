package io.kafscale.metastore.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.RecordedWatch;
import io.kafscale.metastore.WatchListener.Change;
import io.kafscale.metastore.etcd.proto.Event;
import io.kafscale.metastore.etcd.proto.KeyValue;
import io.kafscale.metastore.etcd.proto.RangeResponse;
import io.kafscale.metastore.etcd.proto.ResponseHeader;
import io.kafscale.metastore.etcd.proto.WatchResponse;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a real etcd does only now and then, at moments of its own choice. */
class ScriptedAnswersTest {
    private final FakeEtcd etcd = new FakeEtcd();
    private final EtcdMetadataStore store = EtcdMetadataStore.open(etcd.settings());

    @AfterEach
    void stop() {
        store.close();
        etcd.close();
    }

    @Test
    void aListingWhoseRevisionIsCompactedBetweenTwoPagesBeginsAgain() {
        // Given
        etcd.answerRange((request, client) -> {
            assertThat(request.getRevision()).isZero();
            client.onNext(page(10, true, "/a", "/b"));
            client.onCompleted();
        });
        etcd.answerRange((request, client) -> {
            assertThat(request.getRevision()).isEqualTo(10);
            assertThat(request.getKey()).isEqualTo(ByteString.copyFromUtf8("/b\0"));
            client.onError(Status.OUT_OF_RANGE
                    .withDescription("etcdserver: mvcc: required revision has been compacted")
                    .asRuntimeException());
        });
        etcd.answerRange((request, client) -> {
            assertThat(request.getRevision()).isZero();
            client.onNext(page(20, false, "/a", "/c"));
            client.onCompleted();
        });
        // When
        RangeResult found = StoreUser.await(store.range("/"));
        // Then
        assertThat(found.revision()).isEqualTo(20);
        assertThat(found.keys()).extracting(io.kafscale.metastore.KeyValue::key).containsExactly("/a", "/c");
    }

    @Test
    void aRevisionThatComesInFragmentsIsReportedWhole() throws Exception {
        etcd.tellWatch(
                fragment(true, put("/a", 5), put("/b", 5), put("/a", 6)),
                fragment(true, put("/b", 6)),
                fragment(false, put("/c", 6), put("/a", 7)));
        var watch = new RecordedWatch();
        try (var _ = store.watch("/", 5, watch)) {
            watch.awaitRevision(7);
        }
        assertThat(watch.reports())
                .extracting(
                        RecordedWatch.Report::revision,
                        report -> report.changes().size())
                .containsExactly(tuple(5L, 2), tuple(7L, 4));
    }

    @Test
    void aStreamThatEndsInTheMiddleOfARevisionIsFollowedFromItsBeginning() throws Exception {
        // Given
        etcd.tellWatch(fragment(true, put("/a", 5), put("/a", 6)));
        etcd.tellWatch(fragment(false, put("/a", 6), put("/b", 6)));
        // When
        var watch = new RecordedWatch();
        try (var _ = store.watch("/", 5, watch)) {
            watch.awaitRevision(6);
        }
        // Then
        assertThat(watch.changes()).extracting(Change::key).containsExactly("/a", "/a", "/b");
        assertThat(etcd.watchRequests())
                .extracting(request -> request.getCreateRequest().getStartRevision())
                .containsExactly(5L, 6L);
    }

    @Test
    void aWatchOfWhatNeverChangesGoesOnWhereEtcdSaysItIs() throws Exception {
        etcd.tellWatch(WatchResponse.newBuilder().setHeader(header(1000)).build());
        etcd.tellWatch(fragment(false, put("/a", 1001)));
        var watch = new RecordedWatch();
        try (var _ = store.watch("/", 5, watch)) {
            watch.awaitRevision(1001);
        }
        assertThat(etcd.watchRequests())
                .extracting(request -> request.getCreateRequest().getStartRevision())
                .containsExactly(5L, 1001L);
    }

    private static RangeResponse page(long revision, boolean more, String... keys) {
        var page = RangeResponse.newBuilder().setHeader(header(revision)).setMore(more);
        for (String key : keys) {
            page.addKvs(
                    KeyValue.newBuilder().setKey(ByteString.copyFromUtf8(key)).setModRevision(1));
        }
        return page.build();
    }

    private static WatchResponse fragment(boolean more, Event... events) {
        return WatchResponse.newBuilder()
                .setHeader(header(99))
                .setFragment(more)
                .addAllEvents(Arrays.asList(events))
                .build();
    }

    private static Event put(String key, long revision) {
        return Event.newBuilder()
                .setKv(KeyValue.newBuilder()
                        .setKey(ByteString.copyFromUtf8(key))
                        .setModRevision(revision))
                .build();
    }

    private static ResponseHeader header(long revision) {
        return ResponseHeader.newBuilder().setRevision(revision).build();
    }
}
