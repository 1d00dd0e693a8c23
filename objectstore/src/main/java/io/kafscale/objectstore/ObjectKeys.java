package io.kafscale.objectstore;

import io.kafscale.objectstore.StorageException.Kind;
import java.util.Set;

/**
 * The grammar of object keys, the same for every store, so that what one accepts none refuses: segments of
 * {@code A-Z a-z 0-9 . _ ~ -} joined by single slashes, none empty, {@code .} or {@code ..}, each at most 255 and the whole at
 * most 900 characters. The first segment is not {@code .lock} or {@code .tmp}, which a local directory keeps for itself. All of it
 * is ASCII: the order of the UTF-8 bytes is the order of {@link String#compareTo}. Stateless.
 */
public final class ObjectKeys {
    /** The longest key, in characters: S3 allows 1024 bytes, the rest is left to a store's own prefix. */
    public static final int MAX_KEY_LENGTH = 900;

    /** The longest segment between two slashes: what file systems allow a name. */
    public static final int MAX_SEGMENT_LENGTH = 255;

    /** Top-level names that no key may start with. */
    private static final Set<String> RESERVED = Set.of(".lock", ".tmp");

    private ObjectKeys() {}

    /**
     * Checks a whole key.
     *
     * @throws StorageException of kind {@link Kind#INVALID} that says what is wrong
     */
    public static void checkKey(String key) {
        checkLength(key);
        String[] segments = key.split("/", -1);
        for (String segment : segments) {
            if (!isSegment(segment)) {
                throw new StorageException(Kind.INVALID, key, "'" + segment + "' cannot be part of an object key");
            }
        }
        checkNotReserved(key, segments);
    }

    /**
     * Checks a listing's prefix: the beginning of a legal key, which may end anywhere in it; empty is everything.
     *
     * @throws StorageException of kind {@link Kind#INVALID} that says what is wrong
     */
    public static void checkPrefix(String prefix) {
        checkLength(prefix);
        String[] segments = prefix.split("/", -1);
        for (int i = 0; i < segments.length - 1; i++) {
            if (!isSegment(segments[i])) {
                throw new StorageException(
                        Kind.INVALID, prefix, "'" + segments[i] + "' cannot be part of an object key");
            }
        }
        String last = segments[segments.length - 1];
        if (!last.chars().allMatch(ObjectKeys::isAllowed)) {
            throw new StorageException(Kind.INVALID, prefix, "'" + last + "' cannot begin a part of an object key");
        }
        if (segments.length > 1) {
            checkNotReserved(prefix, segments);
        }
    }

    /** Whether {@code name} may stand between two slashes of a key. */
    public static boolean isSegment(String name) {
        return !name.isEmpty()
                && name.length() <= MAX_SEGMENT_LENGTH
                && !name.equals(".")
                && !name.equals("..")
                && name.chars().allMatch(ObjectKeys::isAllowed);
    }

    /** Whether {@code name} is kept for the store at the top level. */
    public static boolean isReserved(String name) {
        return RESERVED.contains(name);
    }

    private static void checkLength(String key) {
        if (key.length() > MAX_KEY_LENGTH) {
            throw new StorageException(
                    Kind.INVALID, key, "the key has " + key.length() + " characters, more than " + MAX_KEY_LENGTH);
        }
    }

    private static void checkNotReserved(String key, String[] segments) {
        if (isReserved(segments[0])) {
            throw new StorageException(Kind.INVALID, key, "'" + segments[0] + "' is reserved for the store");
        }
    }

    private static boolean isAllowed(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '~'
                || c == '-';
    }
}
