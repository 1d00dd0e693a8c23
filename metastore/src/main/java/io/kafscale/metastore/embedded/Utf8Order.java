package io.kafscale.metastore.embedded;

import java.util.Comparator;

/** The order of keys: that of their UTF-8 bytes, which is that of code points, and not always that of Java's chars. */
enum Utf8Order implements Comparator<String> {
    INSTANCE;

    @Override
    public int compare(String a, String b) {
        int shorter = Math.min(a.length(), b.length());
        for (int i = 0; i < shorter; i++) {
            char x = a.charAt(i);
            char y = b.charAt(i);
            if (x != y) {
                boolean xPaired = Character.isSurrogate(x);
                boolean yPaired = Character.isSurrogate(y);
                return xPaired == yPaired ? Character.compare(x, y) : xPaired ? 1 : -1;
            }
        }
        return Integer.compare(a.length(), b.length());
    }

    /** Whether {@code key} has a UTF-8 form: no half of a surrogate pair alone. */
    static boolean encodable(String key) {
        for (int i = 0; i < key.length(); i++) {
            char c = key.charAt(i);
            if (Character.isSurrogate(c)) {
                if (!Character.isHighSurrogate(c)
                        || i + 1 == key.length()
                        || !Character.isLowSurrogate(key.charAt(i + 1))) {
                    return false;
                }
                i++;
            }
        }
        return true;
    }
}
