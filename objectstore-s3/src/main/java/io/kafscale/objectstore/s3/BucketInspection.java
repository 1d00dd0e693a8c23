package io.kafscale.objectstore.s3;

import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.objectstore.s3.S3Failures.Access;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.AwsRequestOverrideConfiguration;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.ExpirationStatus;
import software.amazon.awssdk.services.s3.model.LifecycleRule;
import software.amazon.awssdk.services.s3.model.LifecycleRuleFilter;

/**
 * The questions a broker asks a bucket before it trusts it: is it there and ours to list, does a lifecycle rule delete what we
 * write, does it keep what we delete. Blocks; used once, by one thread.
 */
final class BucketInspection {
    private static final Logger log = LoggerFactory.getLogger(BucketInspection.class);
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final S3Client client;
    private final S3Settings settings;
    private final String bucket;

    BucketInspection(S3Client client, S3Settings settings) {
        this.client = client;
        this.settings = settings;
        this.bucket = settings.bucket();
    }

    BucketReport inspect(String namespace) {
        checkAccess(namespace);
        String prefix = settings.inBucket(namespace) + "/";
        List<LifecycleRule> rules = rulesOn(prefix);
        List<String> warnings = new ArrayList<>();
        for (LifecycleRule rule : rules) {
            refuseExpiry(rule, prefix);
            warnOfArchive(rule, prefix, warnings);
        }
        boolean versioned = versioned();
        boolean oldVersionsGo = rules.stream()
                .anyMatch(rule -> rule.noncurrentVersionExpiration() != null && prefix.startsWith(rulePrefix(rule)));
        if (versioned && !oldVersionsGo) {
            warnings.add(
                    "the bucket " + bucket + " keeps old versions and no lifecycle rule expires them: everything that"
                            + " Kafscale deletes stays and is paid for. Add a rule with NoncurrentVersionExpiration for the prefix "
                            + prefix + ", or suspend versioning");
        }
        return new BucketReport(versioned, warnings);
    }

    private void checkAccess(String namespace) {
        try {
            client.listObjectsV2(list -> list.bucket(bucket)
                    .prefix(settings.inBucket(namespace) + "/")
                    .maxKeys(1)
                    .overrideConfiguration(patience()));
        } catch (AwsServiceException answered) {
            throw new StorageException(S3Failures.kind(answered, Access.READ), "", advice(answered), answered);
        } catch (SdkException silent) {
            Kind kind = S3Failures.of(silent, "", Access.READ).kind();
            throw new StorageException(kind, "", kind == Kind.DENIED ? anonymous(silent) : unreachable(silent), silent);
        }
    }

    /** The chain names each of its sources at length, which is for those who look for the one that should have worked. */
    private String anonymous(SdkException silent) {
        log.debug("no AWS credentials: {}", S3Failures.words(silent));
        return "no AWS credentials for " + where()
                + ": set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, a web"
                + " identity or an instance role; --verbose shows where they were looked for";
    }

    private String unreachable(SdkException silent) {
        boolean bucketInHost = settings.endpoint() != null && !settings.pathStyle();
        return "cannot reach " + where() + ": " + S3Failures.silence(silent) + ". Check storage.s3.endpoint, "
                + (bucketInHost ? "storage.s3.path-style (most compatible services want true), " : "")
                + "the network, and that the store runs";
    }

    private String advice(AwsServiceException answered) {
        String words = " It says: " + S3Failures.words(answered);
        return switch (S3Failures.code(answered)) {
            case "NoSuchBucket" ->
                "the bucket " + where() + " does not exist: create it or correct storage.uri." + words;
            case "PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException" ->
                "the bucket " + where() + " is in another region" + actualRegion(answered)
                        + ": correct storage.s3.region or storage.s3.endpoint." + words;
            case "InvalidAccessKeyId", "SignatureDoesNotMatch" ->
                where() + " does not know these credentials: correct the access key and its secret." + words;
            case "ExpiredToken", "InvalidToken", "TokenRefreshRequired" ->
                "the session token for " + where() + " is no longer valid: renew it." + words;
            case "RequestTimeTooSkewed" ->
                "the clocks of this machine and of " + where() + " differ too much: synchronise this machine's."
                        + words;
            case "AccessDenied", "AllAccessDisabled", "AccountProblem" ->
                "these credentials may not list " + where() + ": allow s3:ListBucket on the bucket, and s3:GetObject,"
                        + " s3:PutObject and s3:DeleteObject on its objects." + words;
            default -> where() + " refuses to be listed." + words;
        };
    }

    private static String actualRegion(AwsServiceException answered) {
        var details = answered.awsErrorDetails();
        if (details == null || details.sdkHttpResponse() == null) {
            return "";
        }
        return details.sdkHttpResponse()
                .firstMatchingHeader("x-amz-bucket-region")
                .map(region -> " (" + region + ")")
                .orElse("");
    }

    private String where() {
        return settings.location() + (settings.endpoint() == null ? "" : " at " + settings.endpoint());
    }

    private List<LifecycleRule> rulesOn(String prefix) {
        var answer = ask(
                "lifecycle rules",
                () -> client.getBucketLifecycleConfiguration(
                                get -> get.bucket(bucket).overrideConfiguration(patience()))
                        .rules());
        return answer == null
                ? List.of()
                : answer.stream().filter(rule -> touches(rule, prefix)).toList();
    }

    private boolean versioned() {
        var answer = ask(
                "versioning",
                () -> client.getBucketVersioning(get -> get.bucket(bucket).overrideConfiguration(patience()))
                        .status());
        return answer == BucketVersioningStatus.ENABLED;
    }

    /** The answer to a question that a store may refuse or not understand: that alone keeps nobody from starting. */
    private <T> @Nullable T ask(String what, Supplier<@Nullable T> question) {
        try {
            return question.get();
        } catch (AwsServiceException answered) {
            if (!S3Failures.code(answered).equals("NoSuchLifecycleConfiguration")) {
                log.info("cannot look at the {} of {}: {}", what, where(), S3Failures.words(answered));
            }
            return null;
        } catch (SdkException silent) {
            log.warn("cannot look at the {} of {}: {}", what, where(), S3Failures.silence(silent));
            return null;
        }
    }

    /** Whether {@code rule} is on and may apply to an object below {@code prefix}; ours carry no tags. */
    private static boolean touches(LifecycleRule rule, String prefix) {
        if (rule.status() != ExpirationStatus.ENABLED || tagged(rule.filter())) {
            return false;
        }
        String other = rulePrefix(rule);
        return other.startsWith(prefix) || prefix.startsWith(other);
    }

    private static boolean tagged(@Nullable LifecycleRuleFilter filter) {
        return filter != null
                && (filter.tag() != null
                        || (filter.and() != null && filter.and().hasTags()));
    }

    @SuppressWarnings("deprecation") // rules written before filters existed still carry their prefix here
    private static String rulePrefix(LifecycleRule rule) {
        var filter = rule.filter();
        String prefix = filter == null
                ? rule.prefix()
                : filter.and() == null ? filter.prefix() : filter.and().prefix();
        return prefix == null ? "" : prefix;
    }

    private void refuseExpiry(LifecycleRule rule, String prefix) {
        var expiry = rule.expiration();
        if (expiry != null && (expiry.days() != null || expiry.date() != null)) {
            throw new StorageException(
                    Kind.INVALID,
                    "",
                    "the lifecycle rule '" + rule.id() + "' of the bucket " + bucket + " expires objects below "
                            + prefix
                            + ", which would lose records: limit the rule to other prefixes or remove it. Retention is set"
                            + " per topic (retention.ms)");
        }
    }

    private void warnOfArchive(LifecycleRule rule, String prefix, List<String> warnings) {
        for (var transition : rule.transitions()) {
            String target = transition.storageClassAsString().toUpperCase(Locale.ROOT);
            if (target.equals("GLACIER") || target.equals("DEEP_ARCHIVE")) {
                warnings.add("the lifecycle rule '" + rule.id() + "' of the bucket " + bucket + " moves objects below "
                        + prefix + " to " + target + ", where they cannot be read: fetches of old records will fail");
            }
        }
    }

    private static AwsRequestOverrideConfiguration patience() {
        return AwsRequestOverrideConfiguration.builder()
                .apiCallTimeout(PATIENCE)
                .build();
    }
}
