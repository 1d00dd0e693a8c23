package io.kafscale.objectstore.s3;

import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.identity.spi.AwsCredentialsIdentity;
import software.amazon.awssdk.identity.spi.ResolveIdentityRequest;

/**
 * The standard AWS chain (system properties, environment, web identity, profile, container, instance) whose failure can be told
 * from the store's: without credentials nothing was sent. Thread-safe.
 */
final class CredentialsChain implements AwsCredentialsProvider, AutoCloseable {
    private final DefaultCredentialsProvider chain;

    /** The mark of a failure to find credentials, somewhere among the causes of what the SDK throws. */
    static final class NoCredentials extends RuntimeException {
        private static final long serialVersionUID = 1;

        NoCredentials(SdkException cause) {
            super(cause.getMessage(), cause);
        }
    }

    CredentialsChain() {
        chain = DefaultCredentialsProvider.builder().build();
    }

    @Override
    public AwsCredentials resolveCredentials() {
        try {
            return chain.resolveCredentials();
        } catch (SdkException failed) {
            throw SdkClientException.create("no credentials", new NoCredentials(failed));
        }
    }

    @Override
    public CompletableFuture<AwsCredentialsIdentity> resolveIdentity(ResolveIdentityRequest request) {
        try {
            return CompletableFuture.completedFuture(resolveCredentials());
        } catch (SdkException failed) {
            return CompletableFuture.failedFuture(failed);
        }
    }

    @Override
    public void close() {
        chain.close();
    }
}
