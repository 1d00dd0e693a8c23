package io.kafscale.objectstore.s3;

import io.kafscale.objectstore.Payload;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A payload's slices as the stream that the SDK wants, without copying them together. It can be rewound, since the SDK reads a body
 * once to sign it and once to send it. Not thread-safe; only valid while the payload is retained.
 */
final class PayloadStream extends InputStream {
    private final List<ByteBuffer> slices;
    private int current;
    private int markedSlice;
    private int markedPosition;

    PayloadStream(Payload payload) {
        slices = payload.slices();
        for (ByteBuffer slice : slices) {
            slice.mark();
        }
        markedPosition = slices.isEmpty() ? 0 : slices.getFirst().position();
    }

    private boolean advance() {
        while (current < slices.size() && !slices.get(current).hasRemaining()) {
            current++;
        }
        return current < slices.size();
    }

    @Override
    public int read() {
        return advance() ? slices.get(current).get() & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        int done = 0;
        while (done < length && advance()) {
            ByteBuffer slice = slices.get(current);
            int count = Math.min(length - done, slice.remaining());
            slice.get(target, offset + done, count);
            done += count;
        }
        return done == 0 && length > 0 ? -1 : done;
    }

    @Override
    public int available() {
        return advance() ? slices.get(current).remaining() : 0;
    }

    @Override
    public boolean markSupported() {
        return true;
    }

    @Override
    public void mark(int readLimit) {
        markedSlice = current;
        markedPosition = current < slices.size() ? slices.get(current).position() : 0;
    }

    @Override
    public void reset() {
        for (int i = markedSlice + 1; i <= current && i < slices.size(); i++) {
            slices.get(i).reset();
        }
        if (markedSlice < slices.size()) {
            slices.get(markedSlice).position(markedPosition);
        }
        current = markedSlice;
    }
}
