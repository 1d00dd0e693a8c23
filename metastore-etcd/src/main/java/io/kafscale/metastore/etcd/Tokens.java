package io.kafscale.metastore.etcd;

import io.grpc.Metadata;
import io.kafscale.metastore.etcd.proto.AuthGrpc;
import io.kafscale.metastore.etcd.proto.AuthenticateRequest;
import io.kafscale.metastore.etcd.proto.AuthenticateResponse;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The token that stands for user and password, asked for when it is first needed and again when etcd knows it no more. On the store's loop. */
final class Tokens {
    private static final Metadata.Key<String> TOKEN = Metadata.Key.of("token", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> HAS_LEADER =
            Metadata.Key.of("hasleader", Metadata.ASCII_STRING_MARSHALLER);

    private final Calls calls;
    private final Optional<EtcdSettings.Credentials> credentials;
    private @Nullable CompletableFuture<String> current;
    private String known = "";

    Tokens(Calls calls, Optional<EtcdSettings.Credentials> credentials) {
        this.calls = calls;
        this.credentials = credentials;
    }

    /** The token to use now; empty where there is no user. */
    CompletableFuture<String> get() {
        if (credentials.isEmpty()) {
            return CompletableFuture.completedFuture("");
        }
        if (current == null || current.isCompletedExceptionally()) {
            var request = AuthenticateRequest.newBuilder()
                    .setName(credentials.get().user())
                    .setPassword(credentials.get().password())
                    .build();
            current = calls.anonymous(AuthGrpc.getAuthenticateMethod(), request).thenApply(this::learned);
        }
        return current;
    }

    private String learned(AuthenticateResponse answer) {
        known = answer.getToken();
        return known;
    }

    /** {@code token} was refused; the next that asks gets another. */
    void expired(String token) {
        if (token.equals(known)) {
            current = null;
        }
    }

    /** What goes with a call. */
    static Metadata headers(String token) {
        var headers = new Metadata();
        if (!token.isEmpty()) {
            headers.put(TOKEN, token);
        }
        return headers;
    }

    /** What goes with a stream: etcd is to end it when its member has lost touch with the others. */
    static Metadata streamHeaders(String token) {
        Metadata headers = headers(token);
        headers.put(HAS_LEADER, "true");
        return headers;
    }
}
