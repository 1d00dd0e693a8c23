package io.kafscale.testkit.s3;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;

/** The objects of {@link FaultyS3Server} and what S3 says about them. Thread-safe. */
final class FakeBucket {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d*)-(\\d*)");
    private static final long RACE_WINDOW_NANOS = 2_000_000;
    private static final Pattern DELETED_KEY = Pattern.compile("<Key>([^<]*)</Key>");

    /** An answer: its body is shared, not copied. */
    @SuppressWarnings("ArrayRecordComponent") // bytes on their way to a socket, never compared
    record Answer(int status, Map<String, String> headers, byte[] body) {
        static Answer empty(int status) {
            return new Answer(status, Map.of(), new byte[0]);
        }

        static Answer xml(int status, String xml) {
            byte[] body = ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n" + xml).getBytes(StandardCharsets.UTF_8);
            return new Answer(status, Map.of("content-type", "application/xml"), body);
        }

        static Answer error(int status, String code, String message) {
            return xml(status, "<Error><Code>" + code + "</Code><Message>" + message + "</Message></Error>");
        }
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Stored(byte[] bytes, Instant modified) {}

    private final ConcurrentSkipListMap<String, Stored> objects = new ConcurrentSkipListMap<>();
    private volatile boolean atomicCreate = true;
    private volatile boolean ranges = true;
    private volatile String versioning = "<VersioningConfiguration/>";
    private volatile String lifecycle = "";

    void breakAtomicCreate() {
        atomicCreate = false;
    }

    void ignoreRanges() {
        ranges = false;
    }

    void versioning(String xml) {
        versioning = xml;
    }

    void lifecycle(String xml) {
        lifecycle = xml;
    }

    Map<String, byte[]> contents() {
        var contents = new LinkedHashMap<String, byte[]>();
        objects.forEach((key, stored) -> contents.put(key, stored.bytes.clone()));
        return contents;
    }

    Answer handle(S3Request request, byte[] body) {
        return switch (request.operation()) {
            case PUT -> put(request, body);
            case GET -> get(request);
            case HEAD_BUCKET -> Answer.empty(200);
            case LIST -> list(request);
            case DELETE_MANY -> deleteMany(new String(body, StandardCharsets.UTF_8));
            case DELETE -> {
                objects.remove(request.key());
                yield Answer.empty(204);
            }
            case GET_VERSIONING -> Answer.xml(200, versioning);
            case GET_LIFECYCLE ->
                lifecycle.isEmpty()
                        ? Answer.error(
                                404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist")
                        : Answer.xml(200, lifecycle);
            case OTHER -> Answer.error(501, "NotImplemented", "This server does not know that request");
        };
    }

    private Answer put(S3Request request, byte[] body) {
        var stored = new Stored(body, Instant.now().truncatedTo(ChronoUnit.SECONDS));
        boolean conditional =
                request.headers().getOrDefault("if-none-match", "").equals("*");
        if (!conditional) {
            objects.put(request.key(), stored);
        } else if (!atomicCreate) {
            return putCheckingFirst(request.key(), stored);
        } else if (objects.putIfAbsent(request.key(), stored) != null) {
            return preconditionFailed();
        }
        return new Answer(200, Map.of("etag", etag(body)), new byte[0]);
    }

    /** The mistake of many a server: looking, then writing. */
    private Answer putCheckingFirst(String key, Stored stored) {
        boolean exists = objects.containsKey(key);
        LockSupport.parkNanos(RACE_WINDOW_NANOS);
        if (exists) {
            return preconditionFailed();
        }
        objects.put(key, stored);
        return new Answer(200, Map.of("etag", etag(stored.bytes)), new byte[0]);
    }

    private static Answer preconditionFailed() {
        return Answer.error(412, "PreconditionFailed", "At least one of the preconditions you specified did not hold.");
    }

    private Answer get(S3Request request) {
        Stored stored = objects.get(request.key());
        if (stored == null) {
            return Answer.error(404, "NoSuchKey", "The specified key does not exist.");
        }
        var range = RANGE.matcher(request.headers().getOrDefault("range", ""));
        int size = stored.bytes.length;
        if (!ranges || !range.matches()) {
            return new Answer(200, Map.of("etag", etag(stored.bytes)), stored.bytes);
        }
        boolean suffix = range.group(1).isEmpty();
        long from = suffix ? Math.max(0, size - Long.parseLong(range.group(2))) : Long.parseLong(range.group(1));
        long to = suffix || range.group(2).isEmpty() ? size - 1L : Math.min(size - 1L, Long.parseLong(range.group(2)));
        if (from >= size) {
            return Answer.error(416, "InvalidRange", "The requested range is not satisfiable");
        }
        var headers = Map.of("etag", etag(stored.bytes), "content-range", "bytes " + from + "-" + to + "/" + size);
        return new Answer(206, headers, Arrays.copyOfRange(stored.bytes, (int) from, (int) to + 1));
    }

    private Answer list(S3Request request) {
        String prefix = request.query().getOrDefault("prefix", "");
        String after = request.query().getOrDefault("start-after", "");
        int limit = Math.min(1000, Integer.parseInt(request.query().getOrDefault("max-keys", "1000")));
        var contents = new StringBuilder();
        int count = 0;
        boolean more = false;
        for (var entry : objects.tailMap(after, false).entrySet()) {
            if (entry.getKey().startsWith(prefix)) {
                if (count == limit) {
                    more = true;
                    break;
                }
                count++;
                Stored stored = entry.getValue();
                contents.append("<Contents><Key>" + entry.getKey() + "</Key><LastModified>" + stored.modified
                        + "</LastModified><Size>" + stored.bytes.length + "</Size></Contents>");
            }
        }
        return Answer.xml(
                200,
                "<ListBucketResult><Name>" + request.bucket() + "</Name><Prefix>" + prefix + "</Prefix><KeyCount>"
                        + count
                        + "</KeyCount><MaxKeys>" + limit + "</MaxKeys><IsTruncated>" + more + "</IsTruncated>"
                        + contents
                        + "</ListBucketResult>");
    }

    private Answer deleteMany(String body) {
        var keys = DELETED_KEY.matcher(body);
        while (keys.find()) {
            objects.remove(keys.group(1));
        }
        return Answer.xml(200, "<DeleteResult/>");
    }

    private static String etag(byte[] bytes) {
        return "\"" + Integer.toHexString(Arrays.hashCode(bytes)) + "-" + bytes.length + "\"";
    }
}
