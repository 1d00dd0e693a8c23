package io.kafscale.coordinator;

import io.kafscale.metastore.cluster.MetadataKeys;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The store keys of one shard. A coordinator record's binary key becomes {@code r/{type}/{rest}}: its leading record type in decimal,
 * then its other bytes, percent-encoded wherever they are not a letter, a digit or one of {@code . _ -}, so that group and topic
 * names stay readable and nothing can leave the shard's directory. Immutable.
 *
 * @param owner who owns the shard: a {@link io.kafscale.metastore.cluster.ShardOwner}. Apart from the other keys, where every broker
 *     follows it without being told of every commit
 * @param prefix what every other key of the shard starts with, ending in a slash
 */
record ShardKeys(int shard, String owner, String prefix) {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    static ShardKeys of(MetadataKeys keys, int shard) {
        return new ShardKeys(shard, keys.coordinator(shard), keys.prefix() + "groups/" + shard + "/");
    }

    /** How far the shard is written: an {@link EndMark}. */
    String end() {
        return prefix + "end";
    }

    String writeAheadPrefix() {
        return prefix + "w/";
    }

    /** The key of a write-ahead value that was appended at {@code baseOffset}. */
    String writeAhead(long baseOffset) {
        return writeAheadPrefix() + String.format("%020d", baseOffset);
    }

    String recordPrefix() {
        return prefix + "r/";
    }

    /** The store key of a coordinator record. The buffer's position is used up. */
    String record(ByteBuffer recordKey) {
        var key = new StringBuilder(recordPrefix().length() + 8 + 2 * recordKey.remaining());
        key.append(recordPrefix()).append(recordKey.getShort()).append('/');
        while (recordKey.hasRemaining()) {
            int octet = recordKey.get() & 0xff;
            if (plain(octet)) {
                key.append((char) octet);
            } else {
                key.append('%').append(HEX[octet >> 4]).append(HEX[octet & 15]);
            }
        }
        return key.toString();
    }

    /**
     * The coordinator record's key behind a store key.
     *
     * @throws IllegalArgumentException if the store key is none that {@link #record} gives
     */
    byte[] recordKey(String storeKey) {
        if (!storeKey.startsWith(recordPrefix())) {
            throw new IllegalArgumentException(storeKey + " is not the key of a coordinator record");
        }
        String type = storeKey.substring(
                recordPrefix().length(),
                Math.max(
                        recordPrefix().length(),
                        storeKey.indexOf('/', recordPrefix().length())));
        short number = Short.parseShort(type);
        byte[] text =
                storeKey.substring(recordPrefix().length() + type.length() + 1).getBytes(StandardCharsets.US_ASCII);
        var key = new ByteArrayOutputStream(text.length + 2);
        key.write(number >> 8);
        key.write(number);
        for (int i = 0; i < text.length; i++) {
            if (text[i] != '%') {
                key.write(text[i]);
            } else if (i + 2 < text.length) {
                key.write(Integer.parseInt(new String(text, i + 1, 2, StandardCharsets.US_ASCII), 16));
                i += 2;
            } else {
                throw new IllegalArgumentException(storeKey + " ends inside an escape");
            }
        }
        return key.toByteArray();
    }

    private static boolean plain(int octet) {
        return (octet >= 'a' && octet <= 'z')
                || (octet >= 'A' && octet <= 'Z')
                || (octet >= '0' && octet <= '9')
                || octet == '.'
                || octet == '_'
                || octet == '-';
    }
}
