package io.kafscale.metastore.etcd;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.Transaction.Write;
import io.kafscale.metastore.WatchListener.Change;
import io.kafscale.metastore.etcd.proto.Compare;
import io.kafscale.metastore.etcd.proto.DeleteRangeRequest;
import io.kafscale.metastore.etcd.proto.Event;
import io.kafscale.metastore.etcd.proto.PutRequest;
import io.kafscale.metastore.etcd.proto.RangeRequest;
import io.kafscale.metastore.etcd.proto.RequestOp;
import io.kafscale.metastore.etcd.proto.TxnRequest;
import io.kafscale.metastore.etcd.proto.TxnResponse;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The port's types as etcd's, and back. */
final class EtcdMessages {
    /** What a range that has no end is said to end with. */
    private static final ByteString NO_END = ByteString.copyFrom(new byte[] {0});

    private EtcdMessages() {}

    /** A key's bytes; refuses text that has no UTF-8 form, which would silently become another key. */
    static ByteString key(String key) {
        if (key.isEmpty() || !StandardCharsets.UTF_8.newEncoder().canEncode(key)) {
            throw new IllegalArgumentException("a key is not empty and has a UTF-8 form");
        }
        return ByteString.copyFromUtf8(key);
    }

    /** Where the keys with {@code prefix} begin. */
    static ByteString rangeStart(String prefix) {
        return prefix.isEmpty() ? NO_END : key(prefix);
    }

    /** Where the keys with {@code prefix} have ended: the prefix with its last byte raised. UTF-8 has no byte 0xFF. */
    static ByteString rangeEnd(String prefix) {
        if (prefix.isEmpty()) {
            return NO_END;
        }
        byte[] end = prefix.getBytes(StandardCharsets.UTF_8);
        end[end.length - 1]++;
        return UnsafeByteOperations.unsafeWrap(end);
    }

    static RangeRequest get(String key) {
        return RangeRequest.newBuilder().setKey(key(key)).build();
    }

    static KeyValue keyValue(io.kafscale.metastore.etcd.proto.KeyValue stored) {
        return new KeyValue(
                stored.getKey().toStringUtf8(),
                Bytes.copyOf(stored.getValue().asReadOnlyByteBuffer()),
                stored.getCreateRevision(),
                stored.getModRevision(),
                stored.getLease());
    }

    static Optional<KeyValue> only(List<io.kafscale.metastore.etcd.proto.KeyValue> found) {
        return found.stream().findFirst().map(EtcdMessages::keyValue);
    }

    /** Compares, writes, and reads what was compared if a comparison fails. */
    static TxnRequest transaction(Transaction transaction) {
        var request = TxnRequest.newBuilder();
        transaction.expected().forEach((key, revision) -> {
            ByteString bytes = key(key);
            request.addCompare(Compare.newBuilder()
                    .setResult(Compare.CompareResult.EQUAL)
                    .setTarget(Compare.CompareTarget.MOD)
                    .setKey(bytes)
                    .setModRevision(revision));
            request.addFailure(RequestOp.newBuilder()
                    .setRequestRange(RangeRequest.newBuilder().setKey(bytes)));
        });
        transaction.writes().forEach(write -> request.addSuccess(operation(write)));
        return request.build();
    }

    private static RequestOp operation(Write write) {
        return switch (write) {
            case Write.Put put ->
                RequestOp.newBuilder()
                        .setRequestPut(PutRequest.newBuilder()
                                .setKey(key(put.key()))
                                .setValue(UnsafeByteOperations.unsafeWrap(
                                        put.value().asBuffer()))
                                .setLease(put.leaseId()))
                        .build();
            case Write.Delete delete ->
                RequestOp.newBuilder()
                        .setRequestDeleteRange(DeleteRangeRequest.newBuilder().setKey(key(delete.key())))
                        .build();
        };
    }

    /** What became of {@code transaction}. */
    static CommitResult result(Transaction transaction, TxnResponse answer) {
        if (answer.getSucceeded()) {
            return new CommitResult.Committed(answer.getHeader().getRevision());
        }
        Map<String, Optional<KeyValue>> current = new HashMap<>();
        Iterator<String> compared = transaction.expected().keySet().iterator();
        answer.getResponsesList()
                .forEach(read -> current.put(
                        compared.next(), only(read.getResponseRange().getKvsList())));
        return new CommitResult.Conflict(current);
    }

    static Change change(Event event) {
        var stored = event.getKv();
        return event.getType() == Event.EventType.DELETE
                ? new Change.Deleted(stored.getKey().toStringUtf8(), stored.getModRevision())
                : new Change.Put(keyValue(stored));
    }
}
