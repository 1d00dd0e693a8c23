package io.kafscale.testkit.tls;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** An authority that lives for a test: its key store is in a directory of the test, certificates are written there as PEM. For one thread. */
public final class CertificateAuthority {
    private static final String PASSWORD = "changeit";

    /** A certificate with its private key, both PEM, the key PKCS#8 without a password. */
    public record Issued(Path certificate, Path key) {}

    private final Path directory;
    private final Path store;

    /** An authority called {@code name}, with its files in {@code directory}. */
    public CertificateAuthority(Path directory, String name) {
        this.directory = directory.resolve(name);
        this.store = this.directory.resolve("keys.p12");
        try {
            Files.createDirectories(this.directory);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        keytool("-alias", "authority", "-dname", "CN=" + name, "-ext", "bc:critical=ca:true");
        write("authority", "authority");
    }

    /** The authority's own certificate, PEM. */
    public Path certificate() {
        return directory.resolve("authority.pem");
    }

    /**
     * A certificate for {@code name}.
     *
     * @param alternatives what else it is for, as keytool writes it: {@code ip:127.0.0.1,dns:localhost}
     */
    public Issued issue(String name, String alternatives) {
        keytool(
                "-alias",
                name,
                "-dname",
                "CN=" + name,
                "-signer",
                "authority",
                "-ext",
                "san=" + alternatives,
                "-ext",
                "eku=serverAuth,clientAuth");
        return write(name, name);
    }

    private void keytool(String... arguments) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-validity",
                "30",
                "-storetype",
                "PKCS12",
                "-keystore",
                store.toString(),
                "-storepass",
                PASSWORD));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException("keytool failed: " + said);
            }
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", interrupted);
        }
    }

    private Issued write(String alias, String file) {
        var issued = new Issued(directory.resolve(file + ".pem"), directory.resolve(file + "-key.pem"));
        try {
            var keys = KeyStore.getInstance(store.toFile(), PASSWORD.toCharArray());
            pem(issued.certificate(), "CERTIFICATE", keys.getCertificate(alias).getEncoded());
            pem(
                    issued.key(),
                    "PRIVATE KEY",
                    keys.getKey(alias, PASSWORD.toCharArray()).getEncoded());
            return issued;
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("a key that was just made cannot be read", impossible);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private static void pem(Path file, String what, byte[] content) throws IOException {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        Files.writeString(file, "-----BEGIN " + what + "-----\n" + body + "\n-----END " + what + "-----\n");
    }
}
