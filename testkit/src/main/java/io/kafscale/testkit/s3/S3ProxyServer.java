package io.kafscale.testkit.s3;

import java.net.URI;
import java.util.Properties;
import org.gaul.s3proxy.BlobStores;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.blobstore.BlobStore;

/** s3proxy in this process, its objects in memory, with one bucket. Thread-safe. Needs path-style addressing. */
public final class S3ProxyServer implements AutoCloseable {
    /** The access key it knows. */
    public static final String ACCESS_KEY = "kafscale-test";

    /** The secret key that belongs to {@link #ACCESS_KEY}. */
    public static final String SECRET_KEY = "kafscale-test-secret";

    private final S3Proxy proxy;
    private final BlobStore blobs;
    private final String bucket;

    private S3ProxyServer(S3Proxy proxy, BlobStore blobs, String bucket) {
        this.proxy = proxy;
        this.blobs = blobs;
        this.bucket = bucket;
    }

    /** A server with an empty {@code bucket}, listening when this returns. */
    public static S3ProxyServer start(String bucket) {
        BlobStore blobs = BlobStores.create("transient-nio2", new Properties());
        blobs.createContainer(bucket);
        return new S3ProxyServer(listen(blobs, 0), blobs, bucket);
    }

    /** Starts s3proxy over {@code blobs} on {@code port} of the loopback address, 0 for any. */
    static S3Proxy listen(BlobStore blobs, int port) {
        S3Proxy proxy = S3Proxy.builder()
                .blobStore(blobs)
                .endpoint(URI.create("http://127.0.0.1:" + port))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, ACCESS_KEY, SECRET_KEY)
                .build();
        try {
            proxy.start();
        } catch (Exception failed) {
            throw new IllegalStateException("s3proxy does not start on port " + port, failed);
        }
        return proxy;
    }

    /** Where it listens. */
    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + proxy.getPort());
    }

    /** The bucket it was started with. */
    public String bucket() {
        return bucket;
    }

    @Override
    public void close() {
        try (blobs) {
            proxy.stop();
        } catch (Exception failed) {
            throw new IllegalStateException("s3proxy does not stop", failed);
        }
    }
}
