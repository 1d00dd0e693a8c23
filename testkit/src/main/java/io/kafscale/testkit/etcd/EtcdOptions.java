package io.kafscale.testkit.etcd;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * How the members of a test's etcd are started, beyond addresses and directories. Immutable.
 *
 * @param tls whether clients speak TLS
 * @param arguments further arguments of the program
 */
public record EtcdOptions(boolean tls, List<String> arguments) {
    /** Plain text, etcd's defaults. */
    public static final EtcdOptions DEFAULTS = new EtcdOptions(false, List.of());

    /** Copies the list. */
    public EtcdOptions {
        arguments = List.copyOf(arguments);
    }

    /** With a database of at most {@code bytes}, beyond which etcd refuses writes. */
    public EtcdOptions withQuota(long bytes) {
        return with(tls, "--quota-backend-bytes=" + bytes);
    }

    /** With TLS for clients; the files are PEM. */
    public EtcdOptions withTls(Path certificate, Path key) {
        return with(true, "--cert-file=" + certificate, "--key-file=" + key);
    }

    /** With a certificate required of each client, issued by {@code authority}. */
    public EtcdOptions withClientCertificates(Path authority) {
        return with(tls, "--client-cert-auth", "--trusted-ca-file=" + authority);
    }

    private EtcdOptions with(boolean nowTls, String... more) {
        var all = new ArrayList<>(arguments);
        all.addAll(List.of(more));
        return new EtcdOptions(nowTls, all);
    }
}
