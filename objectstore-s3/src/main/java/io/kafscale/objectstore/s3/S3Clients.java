package io.kafscale.objectstore.s3;

import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.apache5.Apache5HttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.services.s3.LegacyMd5Plugin;
import software.amazon.awssdk.services.s3.S3Client;

/** Builds the SDK's client from our settings. Stateless. */
final class S3Clients {
    /** Shorter than servers keep idle connections, so that a put seldom meets one that has just been closed on it. */
    private static final Duration MAX_IDLE = Duration.ofSeconds(10);

    private S3Clients() {}

    static S3Client build(S3Settings settings, AwsCredentialsProvider credentials) {
        S3Timeouts timeouts = settings.timeouts();
        var http = Apache5HttpClient.builder()
                .connectionTimeout(timeouts.connect())
                .socketTimeout(timeouts.put().compareTo(timeouts.read()) > 0 ? timeouts.put() : timeouts.read())
                .connectionAcquisitionTimeout(timeouts.read())
                .maxConnections(2 * settings.maxConcurrent())
                .connectionMaxIdleTime(MAX_IDLE)
                .tcpKeepAlive(true);
        boolean onlyRequired = settings.effectiveChecksums() == ChecksumMode.WHEN_REQUIRED;
        var builder = S3Client.builder()
                .httpClientBuilder(http)
                .credentialsProvider(credentials)
                .region(region(settings))
                .forcePathStyle(settings.pathStyle())
                .overrideConfiguration(o -> o.retryStrategy(AwsRetryStrategy.doNotRetry()))
                // Not every S3-compatible store decodes AWS's own chunks; a plain body is signed as a whole instead.
                .serviceConfiguration(c -> c.chunkedEncodingEnabled(!onlyRequired))
                .requestChecksumCalculation(
                        onlyRequired
                                ? RequestChecksumCalculation.WHEN_REQUIRED
                                : RequestChecksumCalculation.WHEN_SUPPORTED)
                .responseChecksumValidation(
                        onlyRequired
                                ? ResponseChecksumValidation.WHEN_REQUIRED
                                : ResponseChecksumValidation.WHEN_SUPPORTED);
        if (onlyRequired) {
            builder.addPlugin(LegacyMd5Plugin.create());
        }
        if (settings.endpoint() != null) {
            builder.endpointOverride(settings.endpoint());
        }
        return builder.build();
    }

    private static Region region(S3Settings settings) {
        if (settings.region() != null) {
            return Region.of(settings.region());
        }
        boolean aws = settings.endpoint() == null;
        var chain = aws
                ? new DefaultAwsRegionProviderChain()
                : new AwsRegionProviderChain(new SystemSettingsRegionProvider(), new AwsProfileRegionProvider());
        try {
            return chain.getRegion();
        } catch (SdkClientException none) {
            if (!aws) {
                return Region.US_EAST_1;
            }
            throw new StorageException(
                    Kind.INVALID,
                    "",
                    "the region of " + settings.location() + " is not known: set storage.s3.region or AWS_REGION",
                    none);
        }
    }
}
