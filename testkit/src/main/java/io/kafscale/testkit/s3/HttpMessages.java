package io.kafscale.testkit.s3;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** As much of HTTP/1.1 as S3 clients speak: reading requests, writing answers. Stateless. */
final class HttpMessages {
    private static final int MAX_LINE_BYTES = 16 << 10;
    private static final int MAX_HEADERS = 100;

    /** The longest request body, in bytes. */
    static final int MAX_BODY_BYTES = 256 << 20;

    /**
     * A request's first line and headers.
     *
     * @param path decoded, without the query
     * @param headers by lower-case name
     */
    record Head(String method, String path, Map<String, String> query, Map<String, String> headers) {
        long contentLength() {
            return Long.parseLong(headers.getOrDefault("content-length", "0"));
        }

        boolean expectsContinue() {
            return headers.getOrDefault("expect", "").equalsIgnoreCase("100-continue");
        }

        boolean awsChunked() {
            return headers.getOrDefault("content-encoding", "").contains("aws-chunked")
                    || headers.getOrDefault("x-amz-content-sha256", "").startsWith("STREAMING-");
        }
    }

    private HttpMessages() {}

    /** The next request of a connection; {@link EOFException} when the client has hung up. */
    static Head readHead(InputStream in) throws IOException {
        String[] first = readLine(in).split(" ", 3);
        if (first.length != 3) {
            throw new IOException("no HTTP request: " + String.join(" ", first));
        }
        var headers = new HashMap<String, String>();
        String line = readLine(in);
        while (!line.isEmpty()) {
            int colon = line.indexOf(':');
            if (colon < 1 || headers.size() == MAX_HEADERS) {
                throw new IOException("no HTTP header: " + line);
            }
            headers.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
            line = readLine(in);
        }
        int question = first[1].indexOf('?');
        String path = question < 0 ? first[1] : first[1].substring(0, question);
        String query = question < 0 ? "" : first[1].substring(question + 1);
        return new Head(first[0], decode(path), parseQuery(query), headers);
    }

    private static Map<String, String> parseQuery(String query) {
        var parameters = new HashMap<String, String>();
        for (String parameter : query.split("&", -1)) {
            if (!parameter.isEmpty()) {
                int equals = parameter.indexOf('=');
                String name = equals < 0 ? parameter : parameter.substring(0, equals);
                parameters.put(decode(name), equals < 0 ? "" : decode(parameter.substring(equals + 1)));
            }
        }
        return parameters;
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static String readLine(InputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        int next = in.read();
        while (next != '\n') {
            if (next < 0 || line.size() == MAX_LINE_BYTES) {
                throw new EOFException("the connection ended in a line");
            }
            if (next != '\r') {
                line.write(next);
            }
            next = in.read();
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /** The request's body, decoded from AWS's own chunks where it uses them. */
    static byte[] readBody(Head head, InputStream in) throws IOException {
        long length = head.contentLength();
        if (length < 0 || length > MAX_BODY_BYTES) {
            throw new IOException("a body of " + length + " bytes");
        }
        if (!head.awsChunked()) {
            return readFully(in, (int) length);
        }
        var body = new ByteArrayOutputStream();
        while (true) {
            String size = readLine(in).split(";", 2)[0];
            int chunk = Integer.parseInt(size, 16);
            if (chunk == 0) {
                break;
            }
            body.writeBytes(readFully(in, chunk));
            readLine(in);
        }
        while (!readLine(in).isEmpty()) {
            // Trailers carry checksums, which are not ours to judge.
        }
        return body.toByteArray();
    }

    private static byte[] readFully(InputStream in, int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("the connection ended in a body");
        }
        return bytes;
    }

    /** Writes an answer whose body is {@code body}; {@code HEAD} answers pass an empty one. */
    static void writeHead(OutputStream out, int status, Map<String, String> headers, long bodyLength)
            throws IOException {
        var head = new StringBuilder("HTTP/1.1 " + status + " -\r\ncontent-length: " + bodyLength + "\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        out.write(head.append("\r\n").toString().getBytes(StandardCharsets.US_ASCII));
    }

    /** Tells a client that waits for it to send its body. */
    static void writeContinue(OutputStream out) throws IOException {
        out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }
}
