package io.kafscale.objectstore;

import io.kafscale.runtime.References;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The bytes of one object on their way to the store, as slices that are never copied. Reference-counted: the creator holds one
 * reference, each transport attempt one more; when the last is released {@code onReleased} runs, and only then may the backing
 * memory be accounted as free. Until then nobody writes to the slices. Thread-safe.
 */
public final class Payload {
    private final List<ByteBuffer> slices;
    private final long length;
    private final References references;

    /**
     * A payload over {@code slices}, whose remaining bytes are the object in order.
     *
     * @param onReleased runs once, on the thread that releases the last reference
     */
    public Payload(List<ByteBuffer> slices, Runnable onReleased) {
        this.slices = slices.stream().map(ByteBuffer::asReadOnlyBuffer).toList();
        this.length = this.slices.stream().mapToLong(ByteBuffer::remaining).sum();
        this.references = new References(onReleased);
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
        references.retain();
    }

    /** Gives one reference back. */
    public void release() {
        references.release();
    }
}
