package io.kafscale.objectstore.s3;

import io.kafscale.objectstore.ReadMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * What one call takes of a memory: each of its attempts takes some, and an attempt that had its answer may still be given up, so
 * when the call is over all but the answer is given back. For one thread.
 */
final class CallMemory implements ReadMemory {
    private final ReadMemory memory;
    private final List<ByteBuffer> taken = new ArrayList<>(1);

    private CallMemory(ReadMemory memory) {
        this.memory = memory;
    }

    /** Makes a call that answers with what it took, or fails. */
    static ByteBuffer during(ReadMemory memory, Function<ReadMemory, ByteBuffer> call) {
        var taking = new CallMemory(memory);
        ByteBuffer answer = null;
        try {
            answer = call.apply(taking);
            return answer;
        } finally {
            for (ByteBuffer buffer : taking.taken) {
                if (buffer != answer) {
                    memory.giveBack(buffer);
                }
            }
        }
    }

    @Override
    public ByteBuffer take(int bytes) {
        ByteBuffer buffer = memory.take(bytes);
        taken.add(buffer);
        return buffer;
    }

    @Override
    public void giveBack(ByteBuffer buffer) {
        throw new UnsupportedOperationException("what a call took is given back when it is over");
    }
}
