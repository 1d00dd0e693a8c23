package io.kafscale.objectstore.s3;

import io.kafscale.objectstore.ReadMemory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * What one call takes of a memory: each of its attempts takes some, and an attempt that had its answer may still be given up, so
 * when the call is over all but the answer is given back. Stateless.
 */
final class CallMemory {
    private CallMemory() {}

    /**
     * Makes a call that answers with what it took, or fails.
     *
     * @param call gets what to take memory from, which is for its thread only
     */
    static ByteBuffer during(ReadMemory memory, Function<IntFunction<ByteBuffer>, ByteBuffer> call) {
        var taken = new ArrayList<ByteBuffer>(1);
        ByteBuffer answer = null;
        try {
            answer = call.apply(bytes -> {
                ByteBuffer buffer = memory.take(bytes);
                taken.add(buffer);
                return buffer;
            });
            return answer;
        } finally {
            for (ByteBuffer buffer : taken) {
                if (buffer != answer) {
                    memory.giveBack(buffer);
                }
            }
        }
    }
}
