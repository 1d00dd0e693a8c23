package io.kafscale.format;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The bytes of a stored object are not what its format says: torn, truncated, bit-flipped, or not that kind of object.
 *
 * <p>The title is constant for each kind of damage, so that logs can be grouped by it; what differs (object, position,
 * expected and found values) is typed context. Retrying the same bytes never helps.
 */
public final class CorruptObjectException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String title;
    private final String object;
    private final long position;
    private final LinkedHashMap<String, String> context = new LinkedHashMap<>();

    /**
     * @param title constant description of the damage
     * @param object key or name of the damaged object
     * @param position byte position in the object where the damage was noticed
     */
    public CorruptObjectException(String title, String object, long position) {
        super(title);
        this.title = title;
        this.object = object;
        this.position = position;
    }

    /** Adds one fact to the message and returns this exception. */
    public CorruptObjectException with(String key, Object value) {
        context.put(key, String.valueOf(value));
        return this;
    }

    /** Adds what was expected and what was found, and returns this exception. */
    public CorruptObjectException expected(Object expected, Object found) {
        return with("expected", expected).with("found", found);
    }

    /** Constant description of the damage, without context. */
    public String title() {
        return title;
    }

    /** Key or name of the damaged object. */
    public String object() {
        return object;
    }

    /** Byte position in the object where the damage was noticed. */
    public long position() {
        return position;
    }

    @Override
    public String getMessage() {
        var text = new StringBuilder(title)
                .append(" [object=")
                .append(object)
                .append(", position=")
                .append(position);
        for (Map.Entry<String, String> fact : context.entrySet()) {
            text.append(", ").append(fact.getKey()).append('=').append(fact.getValue());
        }
        return text.append(']').toString();
    }
}
