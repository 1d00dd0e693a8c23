package io.kafscale.it.broker;

import io.kafscale.it.process.Directories;
import io.kafscale.testkit.s3.S3ProxyServer;
import io.kafscale.testkit.s3.S3ServerProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Where a broker of ours stores its records. */
public interface Storage extends AutoCloseable {
    /** The settings that name it, as {@code key=value}. */
    List<String> settings();

    /** Environment of a broker that uses it. */
    default Map<String, String> environment() {
        return Map.of();
    }

    /** Deletes it. */
    @Override
    void close();

    /** A directory of the local file system: the embedded default. */
    static Storage directory() {
        Path directory = Directories.newData("objects");
        return new Storage() {
            @Override
            public List<String> settings() {
                return List.of("storage.uri=" + directory.toUri());
            }

            @Override
            public void close() {
                Directories.delete(directory);
            }

            @Override
            public String toString() {
                return "a local directory";
            }
        };
    }

    /** A bucket of an S3 server that is a process of its own. */
    static Storage s3() {
        try {
            return new Bucket(Directories.newData("s3"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    /** The credentials of the S3 servers of these tests, as environment variables. */
    static Map<String, String> s3Credentials() {
        return Map.of(
                "AWS_ACCESS_KEY_ID", S3ProxyServer.ACCESS_KEY,
                "AWS_SECRET_ACCESS_KEY", S3ProxyServer.SECRET_KEY,
                "AWS_EC2_METADATA_DISABLED", "true");
    }

    /** The settings of a bucket at an endpoint of these tests. */
    static List<String> s3Settings(Object endpoint, String bucket) {
        return List.of(
                "storage.uri=s3://" + bucket + "/records",
                "storage.s3.endpoint=" + endpoint,
                "storage.s3.region=us-east-1",
                "storage.s3.path-style=true");
    }

    /** See {@link #s3()}. */
    final class Bucket implements Storage {
        private static final String NAME = "kafscale-it";

        private final Path directory;
        private final S3ServerProcess server;

        private Bucket(Path directory) throws IOException {
            this.directory = directory;
            this.server = S3ServerProcess.start(directory, NAME);
        }

        @Override
        public List<String> settings() {
            return s3Settings(server.endpoint(), NAME);
        }

        @Override
        public Map<String, String> environment() {
            return s3Credentials();
        }

        @Override
        public void close() {
            server.close();
            Directories.delete(directory);
        }

        @Override
        public String toString() {
            return "S3";
        }
    }
}
