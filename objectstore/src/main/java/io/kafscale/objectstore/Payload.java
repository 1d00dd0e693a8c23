package io.kafscale.objectstore;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The bytes of one object on their way to the store, as slices that are never copied. Reference-counted: the creator holds one
 * reference, each transport attempt one more; when the last is released {@code onReleased} runs, and only then may the backing
 * memory be accounted as free. Until then nobody writes to the slices. Thread-safe.
 */
public final class Payload {
    private final List<ByteBuffer> slices;
    private final long length;
    private final Runnable onReleased;
    private final AtomicInteger references = new AtomicInteger(1);

    /**
     * A payload over {@code slices}, whose remaining bytes are the object in order.
     *
     * @param onReleased runs once, on the thread that releases the last reference
     */
    public Payload(List<ByteBuffer> slices, Runnable onReleased) {
        this.slices = slices.stream().map(ByteBuffer::asReadOnlyBuffer).toList();
        this.length = this.slices.stream().mapToLong(ByteBuffer::remaining).sum();
        this.onReleased = onReleased;
    }

    /** A payload nobody needs to be told about. */
    public static Payload of(ByteBuffer... slices) {
        return new Payload(List.of(slices), () -> {});
    }

    /** Fresh read-only views of the slices, positioned at their start: each attempt reads through its own. */
    public List<ByteBuffer> slices() {
        return slices.stream().map(ByteBuffer::duplicate).toList();
    }

    /** The object's size in bytes. */
    public long length() {
        return length;
    }

    /** Takes one more reference; illegal once the last one is gone. */
    public void retain() {
        if (references.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0) {
            throw new IllegalStateException("this payload has been released");
        }
    }

    /** Gives one reference back. */
    public void release() {
        int before = references.getAndUpdate(n -> n == 0 ? 0 : n - 1);
        if (before == 0) {
            throw new IllegalStateException("this payload was released more often than it was retained");
        }
        if (before == 1) {
            onReleased.run();
        }
    }
}
