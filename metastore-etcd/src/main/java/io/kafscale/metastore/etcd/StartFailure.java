package io.kafscale.metastore.etcd;

import io.grpc.Status;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Says why etcd cannot be used and how to mend it, in one sentence each. */
final class StartFailure {
    private static final String TLS_FILES = "metadata.etcd.tls.certificate and metadata.etcd.tls.key";

    private final EtcdSettings settings;
    private final MetadataException failure;
    private final Status status;
    private final String words;

    private StartFailure(EtcdSettings settings, MetadataException failure, Status status) {
        this.settings = settings;
        this.failure = failure;
        this.status = status;
        this.words = EtcdFailures.describe(status).toLowerCase(Locale.ROOT);
    }

    /** The same failure with a message for whoever starts the broker. */
    static MetadataException explain(EtcdSettings settings, String prefix, MetadataException failure) {
        @Nullable Status status = EtcdFailures.statusOf(failure);
        if (status == null) {
            return failure;
        }
        var explained = new StartFailure(settings, failure, status);
        return new MetadataException(
                failure.kind(),
                "etcd at " + settings.describe() + " cannot be used: " + explained.remedy(prefix) + " ("
                        + EtcdFailures.describe(status) + ")",
                failure);
    }

    private String remedy(String prefix) {
        return switch (failure.kind()) {
            case DENIED -> denied(prefix);
            case NO_SPACE ->
                "its database is full. Compact, defragment and disarm the alarm (etcdctl compact, defrag, alarm disarm), or raise"
                        + " --quota-backend-bytes";
            default -> unreachable();
        };
    }

    private String denied(String prefix) {
        if (words.contains("authentication is not enabled")) {
            return "it has no users. Remove metadata.etcd.username and metadata.etcd.password, or enable authentication there";
        }
        if (words.contains("invalid user id or password")) {
            return "it does not know this user and password. Correct metadata.etcd.username and metadata.etcd.password";
        }
        if (words.contains("user name is empty") || words.contains("user name not found")) {
            return "it wants to know who we are. Set metadata.etcd.username and metadata.etcd.password";
        }
        if (status.getCode() == Status.Code.PERMISSION_DENIED) {
            String who = settings.credentials()
                    .map(EtcdSettings.Credentials::toString)
                    .orElse("our certificate's user");
            return who
                    + " may not read and write there. Grant it: etcdctl role grant-permission ROLE readwrite --prefix=true "
                    + prefix;
        }
        return "it refuses us";
    }

    private String unreachable() {
        if (words.contains("certification path") || words.contains("pkix")) {
            return "its certificate is not issued by an authority that we trust. Name the authority's certificate in"
                    + " metadata.etcd.tls.ca";
        }
        if (words.contains("no name matching") || words.contains("subject alternative")) {
            return "its certificate is for another host. Use a name in metadata.uri that the certificate has";
        }
        if (words.contains("not an ssl/tls record") || words.contains("tls negotiation")) {
            return "it speaks no TLS. Write etcd:// instead of etcds:// in metadata.uri";
        }
        if (words.contains("certificate_required")
                || words.contains("bad_certificate")
                || words.contains("unknown_ca")) {
            return settings.tls().flatMap(EtcdSettings.Tls::identity).isPresent()
                    ? "it does not accept our certificate. Check " + TLS_FILES
                    : "it asks for a certificate. Set " + TLS_FILES;
        }
        if (caused(UnknownHostException.class) || words.contains("unable to resolve host")) {
            return "there is no such host. Correct metadata.uri";
        }
        if (caused(ConnectException.class) || words.contains("connection refused")) {
            return "nothing answers there. Start etcd, or correct metadata.uri";
        }
        if (settings.tls().isEmpty() && !failure.kind().equals(Kind.OUTCOME_UNKNOWN) && isCutOffAtOnce()) {
            return "it hangs up. If it speaks TLS, write etcds:// instead of etcd:// in metadata.uri";
        }
        if (words.contains("deadline") || words.contains("timed out") || words.contains("no leader")) {
            return "it does not answer in time. Look whether a majority of its members runs (etcdctl endpoint status)";
        }
        return "it cannot be reached. Check that it runs, and metadata.uri";
    }

    private boolean isCutOffAtOnce() {
        return words.contains("network closed")
                || words.contains("not settings")
                || words.contains("connection reset")
                || words.contains("end of stream")
                || words.contains("io exception");
    }

    private boolean caused(Class<? extends Throwable> type) {
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }
}
