package io.kafscale.metastore.etcd;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.netty.channel.ChannelOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Makes the channels to the members of an etcd. */
final class EtcdChannels {
    /** The largest answer that is accepted: a page of a listing is read again in smaller ones when it is beyond. */
    static final int MAX_ANSWER_BYTES = 32 << 20;

    /** Not less: etcd disconnects clients that ask more often than every five seconds, and gRPC makes ten of less. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    private static final Duration SILENCE_LIMIT = Duration.ofSeconds(5);
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(3);

    private EtcdChannels() {}

    /**
     * One channel for each endpoint, not connected yet.
     *
     * @param executor where everything that arrives is handled
     * @throws MetadataException if a TLS file cannot be used
     */
    static List<EtcdEndpoint> open(EtcdSettings settings, Executor executor) {
        @Nullable SslContext tls = settings.tls().map(EtcdChannels::context).orElse(null);
        return settings.endpoints().stream()
                .map(address -> new EtcdEndpoint(address, open(address, tls, executor)))
                .toList();
    }

    private static ManagedChannel open(EtcdSettings.Address address, @Nullable SslContext tls, Executor executor) {
        var builder = NettyChannelBuilder.forAddress(address.host(), address.port())
                .executor(executor)
                .userAgent("kafscale")
                .disableRetry()
                .disableServiceConfigLookUp()
                .maxInboundMessageSize(MAX_ANSWER_BYTES)
                .keepAliveTime(SILENCE.toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(SILENCE_LIMIT.toNanos(), TimeUnit.NANOSECONDS)
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(CONNECT_LIMIT.toMillis()));
        return tls == null
                ? builder.usePlaintext().build()
                : builder.sslContext(tls).build();
    }

    private static SslContext context(EtcdSettings.Tls tls) {
        // The JDK's provider: no native code, and the errors that every Java program has.
        SslContextBuilder builder = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK);
        tls.authority().ifPresent(file -> use("metadata.etcd.tls.ca", file, () -> builder.trustManager(file.toFile())));
        tls.identity()
                .ifPresent(identity -> use(
                        "metadata.etcd.tls.key",
                        identity.key(),
                        () -> builder.keyManager(
                                readable("metadata.etcd.tls.certificate", identity.certificate())
                                        .toFile(),
                                identity.key().toFile())));
        try {
            return builder.build();
        } catch (SSLException unusable) {
            throw new MetadataException(
                    Kind.DENIED, "TLS to etcd cannot be set up: " + unusable.getMessage(), unusable);
        }
    }

    private static void use(String setting, Path file, Runnable step) {
        try {
            readable(setting, file);
            step.run();
        } catch (IllegalArgumentException unusable) {
            throw new MetadataException(
                    Kind.DENIED,
                    setting + " = " + file + " cannot be used: " + reason(unusable)
                            + ". It must be PEM; a key must be PKCS#8 without a password"
                            + " (openssl pkcs8 -topk8 -nocrypt -in key.pem)",
                    unusable);
        }
    }

    private static Path readable(String setting, Path file) {
        if (!Files.isReadable(file)) {
            throw new MetadataException(
                    Kind.DENIED,
                    setting + " = " + file + " cannot be read: name an existing file that this user may read");
        }
        return file;
    }

    private static String reason(Throwable failure) {
        return Optional.ofNullable(failure.getCause())
                .map(Throwable::getMessage)
                .orElse(String.valueOf(failure.getMessage()));
    }
}
