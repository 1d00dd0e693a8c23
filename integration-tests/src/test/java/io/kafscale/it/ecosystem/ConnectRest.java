package io.kafscale.it.ecosystem;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** The REST interface of a Connect worker. Thread-safe. */
final class ConnectRest implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final int FIRST_ERROR = 300;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String address;

    ConnectRest(int port) {
        this.address = "http://127.0.0.1:" + port;
    }

    /** Creates a connector, or changes it. */
    void configure(String connector, Map<String, String> config) {
        String json = config.entrySet().stream()
                .map(entry -> "\"" + entry.getKey() + "\":\"" + entry.getValue() + "\"")
                .collect(Collectors.joining(",", "{", "}"));
        call("PUT", "/connectors/" + connector + "/config", json);
    }

    String get(String path) {
        return call("GET", path, "");
    }

    String put(String path) {
        return call("PUT", path, "");
    }

    String delete(String path) {
        return call("DELETE", path, "");
    }

    /** Asks for {@code path} until the answer is such; returns it. */
    String await(String path, Predicate<String> isExpected) {
        Instant deadline = Instant.now().plus(PATIENCE);
        String answer = get(path);
        while (!isExpected.test(answer)) {
            if (Instant.now().isAfter(deadline)) {
                throw new AssertionError(path + " is still " + answer);
            }
            answer = get(path);
        }
        return answer;
    }

    private String call(String method, String path, String json) {
        var request = HttpRequest.newBuilder(URI.create(address + path))
                .timeout(PATIENCE)
                .header("Content-Type", "application/json")
                .method(method, json.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(json))
                .build();
        try {
            var response = client.send(request, BodyHandlers.ofString());
            if (response.statusCode() >= FIRST_ERROR) {
                throw new AssertionError(
                        method + " " + path + " is answered " + response.statusCode() + " " + response.body());
            }
            return response.body();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while waiting for " + path, interrupted);
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
