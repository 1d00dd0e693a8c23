package io.kafscale.format;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * The content of {@code {namespace}/.cluster}: whose namespace this is. Written once, create-if-absent, as three lines of ASCII:
 *
 * <pre>
 * kafscale-cluster 1
 * cluster-id 4L6g3nShT-eMCtK--X86sw
 * restore-generation 0
 * </pre>
 *
 * Immutable; any thread.
 *
 * @param clusterId the id Kafka clients see
 * @param restoreGeneration how often the metadata had been rebuilt from the bucket when this was written
 */
public record ClusterObject(String clusterId, int restoreGeneration) {
    /** More than any legal content: what a reader needs to fetch at most. */
    public static final int MAX_BYTES = 512;

    private static final Pattern CONTENT = Pattern.compile(
            "kafscale-cluster 1\ncluster-id ([a-zA-Z0-9_-]{1,64})\nrestore-generation (0|[1-9][0-9]{0,8})\n");
    private static final Pattern ID = Pattern.compile("[a-zA-Z0-9_-]{1,64}");

    /** Checks the values. */
    public ClusterObject {
        if (!ID.matcher(clusterId).matches() || restoreGeneration < 0 || restoreGeneration > 999_999_999) {
            throw new IllegalArgumentException(
                    "not a cluster identity: '" + clusterId + "', restore generation " + restoreGeneration);
        }
    }

    /** The object's bytes. */
    public ByteBuffer encode() {
        String text =
                "kafscale-cluster 1\ncluster-id " + clusterId + "\nrestore-generation " + restoreGeneration + "\n";
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Reads an object's bytes.
     *
     * @param object its key, for messages
     * @throws CorruptObjectException if they are not exactly what {@link #encode} writes
     */
    public static ClusterObject parse(ByteBuffer bytes, String object) {
        String text = StandardCharsets.US_ASCII.decode(bytes.duplicate()).toString();
        var matcher = CONTENT.matcher(text);
        if (!matcher.matches()) {
            throw new CorruptObjectException("not a cluster identity of version 1", object, 0);
        }
        return new ClusterObject(matcher.group(1), Integer.parseInt(matcher.group(2)));
    }
}
