package io.kafscale.testkit.s3;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import org.gaul.s3proxy.BlobStores;

/**
 * The main program of {@link S3ServerProcess}: s3proxy over the directory of the first argument on the port of the second. Says
 * {@code ready PORT} on its output and ends with its input, so that it never outlives the test that started it; with a third argument it
 * goes on until it is killed.
 */
public final class S3ServerMain {
    private S3ServerMain() {}

    /** Entry point. */
    public static void main(String[] arguments) throws IOException {
        var settings = new Properties();
        settings.setProperty("jclouds.filesystem.basedir", arguments[0]);
        var proxy =
                S3ProxyServer.listen(BlobStores.create("filesystem-nio2", settings), Integer.parseInt(arguments[1]));
        System.out.write(("ready " + proxy.getPort() + "\n").getBytes(StandardCharsets.US_ASCII));
        System.out.flush();
        if (arguments.length > 2) {
            return; // its threads go on
        }
        while (System.in.read() >= 0) {
            // Whatever arrives is not for us: only its end is.
        }
        Runtime.getRuntime().halt(0);
    }
}
