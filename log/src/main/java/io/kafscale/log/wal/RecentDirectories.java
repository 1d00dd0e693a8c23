package io.kafscale.log.wal;

import io.kafscale.format.wal.WalChunk;
import io.kafscale.format.wal.WalDirectory;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** What the latest objects of the stream hold, for a later footer to repeat; bounded in number and bytes. Log loop only. */
final class RecentDirectories {
    private final long maxHeapBytes;
    private final Deque<WalDirectory> recent = new ArrayDeque<>();
    private long heapBytes;

    RecentDirectories(long maxHeapBytes) {
        this.maxHeapBytes = maxHeapBytes;
    }

    /** The directories that the object at this sequence repeats. */
    List<WalDirectory> toRepeatAt(long sequence) {
        return sequence % WalDirectory.CONSOLIDATION_INTERVAL == 0 ? List.copyOf(recent) : List.of();
    }

    void add(WalDirectory directory) {
        recent.addLast(directory);
        heapBytes += heapBytes(directory);
        while (recent.size() > WalDirectory.CONSOLIDATION_INTERVAL || (heapBytes > maxHeapBytes && !recent.isEmpty())) {
            heapBytes -= heapBytes(recent.removeFirst());
        }
    }

    private static long heapBytes(WalDirectory directory) {
        return directory.chunks().stream().mapToLong(WalChunk::heapBytes).sum();
    }
}
