package io.kafscale.metastore.etcd;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.etcd.proto.KVGrpc;
import io.kafscale.metastore.etcd.proto.MaintenanceGrpc;
import io.kafscale.metastore.etcd.proto.RangeRequest;
import io.kafscale.metastore.etcd.proto.StatusRequest;
import io.kafscale.metastore.etcd.proto.StatusResponse;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Whether etcd can be used: it is reached, is not too old, has a leader, lets us in, and lets us read and write under our prefix.
 * Writes nothing: what it asks for has a condition that never holds, but permissions are looked at before conditions. On the store's
 * loop.
 */
final class StartCheck {
    private static final Pattern VERSION = Pattern.compile("(\\d{1,4})\\.(\\d{1,4})\\..*");
    private static final int OLDEST_MAJOR = 3;
    private static final int OLDEST_MINOR = 4;

    private final Calls calls;
    private final String prefix;

    StartCheck(Calls calls, String prefix) {
        this.calls = calls;
        this.prefix = prefix;
    }

    CompletableFuture<Void> run() {
        return calls.call(MaintenanceGrpc.getStatusMethod(), StatusRequest.getDefaultInstance(), Calls.Effect.READ)
                .thenAccept(StartCheck::requireVersion)
                .thenCompose(reached -> calls.call(KVGrpc.getRangeMethod(), firstKey(), Calls.Effect.READ))
                .thenCompose(readable -> tryToWrite());
    }

    private RangeRequest firstKey() {
        return RangeRequest.newBuilder()
                .setKey(EtcdMessages.rangeStart(prefix))
                .setRangeEnd(EtcdMessages.rangeEnd(prefix))
                .setLimit(1)
                .build();
    }

    private CompletableFuture<Void> tryToWrite() {
        String key = prefix + "start-check";
        Transaction never = Transaction.builder()
                .require(key, Long.MAX_VALUE)
                .put(key, Bytes.EMPTY)
                .build();
        return calls.call(KVGrpc.getTxnMethod(), EtcdMessages.transaction(never), Calls.Effect.READ)
                .thenAccept(answer -> {
                    if (EtcdMessages.result(never, answer) instanceof CommitResult.Committed) {
                        throw new MetadataException(
                                Kind.CORRUPT, "etcd applied a transaction whose condition does not hold");
                    }
                });
    }

    private static void requireVersion(StatusResponse status) {
        Matcher version = VERSION.matcher(status.getVersion());
        if (version.matches()) {
            int major = Integer.parseInt(version.group(1));
            int minor = Integer.parseInt(version.group(2));
            if (major < OLDEST_MAJOR || (major == OLDEST_MAJOR && minor < OLDEST_MINOR)) {
                throw new MetadataException(
                        Kind.DENIED,
                        "etcd is version " + status.getVersion() + ", which is too old: Kafscale needs " + OLDEST_MAJOR
                                + "." + OLDEST_MINOR + " or later");
            }
        }
    }
}
