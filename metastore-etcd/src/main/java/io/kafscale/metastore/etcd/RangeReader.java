package io.kafscale.metastore.etcd;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.etcd.proto.KVGrpc;
import io.kafscale.metastore.etcd.proto.RangeRequest;
import io.kafscale.metastore.etcd.proto.RangeResponse;
import io.kafscale.runtime.FutureFailure;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads all keys of a prefix in pages, all at the revision of the first. A page that is larger than an answer may be is asked for
 * again with fewer keys. On the store's loop; one for each listing.
 */
final class RangeReader {
    private static final int FIRST_PAGE_KEYS = 1000;
    private static final int MAX_RESTARTS = 3;
    private static final ByteString ZERO = ByteString.copyFrom(new byte[] {0});

    private final Calls calls;
    private final String prefix;
    private final List<KeyValue> keys = new ArrayList<>();
    private final CompletableFuture<RangeResult> result = new CompletableFuture<>();
    private ByteString next;
    private long pageKeys = FIRST_PAGE_KEYS;
    private long revision;
    private int restarts;

    RangeReader(Calls calls, String prefix) {
        this.calls = calls;
        this.prefix = prefix;
        this.next = EtcdMessages.rangeStart(prefix);
    }

    CompletableFuture<RangeResult> read() {
        page();
        return result;
    }

    private void page() {
        var request = RangeRequest.newBuilder()
                .setKey(next)
                .setRangeEnd(EtcdMessages.rangeEnd(prefix))
                .setLimit(pageKeys)
                .setRevision(revision)
                .build();
        calls.call(KVGrpc.getRangeMethod(), request, Calls.Effect.READ).whenComplete((answer, failure) -> {
            if (failure == null) {
                take(answer);
            } else {
                failed(failure);
            }
        });
    }

    private void take(RangeResponse answer) {
        if (revision == 0) {
            revision = answer.getHeader().getRevision();
        }
        answer.getKvsList().forEach(stored -> keys.add(EtcdMessages.keyValue(stored)));
        if (!answer.getMore()) {
            result.complete(new RangeResult(revision, keys));
            return;
        }
        next = answer.getKvs(answer.getKvsCount() - 1).getKey().concat(ZERO);
        page();
    }

    private void failed(Throwable failure) {
        Throwable cause = FutureFailure.cause(failure);
        @Nullable Status status = EtcdFailures.statusOf(cause);
        if (status != null && EtcdFailures.saysTooLargeForUs(status) && pageKeys > 1) {
            pageKeys = Math.max(1, pageKeys / 4);
            page();
        } else if (status != null && EtcdFailures.saysCompacted(status)) {
            restart(status);
        } else {
            result.completeExceptionally(cause);
        }
    }

    /** History was compacted between two pages: the listing begins again at a later revision. */
    private void restart(Status status) {
        if (restarts++ >= MAX_RESTARTS) {
            result.completeExceptionally(new MetadataException(
                    Kind.UNAVAILABLE,
                    "history is compacted faster than " + prefix + " can be read",
                    status.asRuntimeException()));
            return;
        }
        keys.clear();
        revision = 0;
        next = EtcdMessages.rangeStart(prefix);
        page();
    }
}
