package io.kafscale.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;

/**
 * What an etcd tells of itself.
 *
 * @param databaseMebibytes its file
 * @param inUseMebibytes what of the file is not free
 * @param revision grows by one with each transaction that writes
 */
record EtcdFigures(double databaseMebibytes, double inUseMebibytes, long revision) {
    private static final double MEBIBYTE = 1 << 20;

    /** Asks the etcd at this port of this machine. */
    static EtcdFigures of(int port) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/metrics"))
                    .build();
            String metrics = client.send(request, BodyHandlers.ofString()).body();
            return new EtcdFigures(
                    value(metrics, "etcd_mvcc_db_total_size_in_bytes") / MEBIBYTE,
                    value(metrics, "etcd_mvcc_db_total_size_in_use_in_bytes") / MEBIBYTE,
                    (long) value(metrics, "etcd_debugging_mvcc_current_revision"));
        }
    }

    private static double value(String metrics, String name) throws IOException {
        return metrics.lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new IOException("etcd does not tell " + name));
    }
}
