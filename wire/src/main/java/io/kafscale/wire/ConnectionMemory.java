package io.kafscale.wire;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.memory.MemoryPool;
import org.jspecify.annotations.Nullable;

/**
 * One connection's view of the {@link RequestMemory}, in the form Kafka's channels ask for memory. Used by the
 * connection's network thread; only {@link #granted()} is called by others.
 *
 * <p>A view of its own for each connection tells who was refused, so that exactly this connection is read again when
 * its bytes are there; Kafka's own pools leave the selector to try all of them in turn.
 */
final class ConnectionMemory extends RequestMemory.Waiter implements MemoryPool {
    /** What the view tells its connection. */
    interface Events {
        /** The next request has to wait for memory; during a read, on the network thread. */
        void memoryRefused();

        /** The memory waited for is there; any thread. */
        void memoryGranted();

        /** A buffer was allocated for a request that now has to arrive; on the network thread. */
        void receiveStarted();
    }

    private final RequestMemory memory;
    private final Events events;
    private RequestMemory.@Nullable Reservation receiving;
    private @Nullable ByteBuffer arriving;

    ConnectionMemory(RequestMemory memory, Events events) {
        this.memory = memory;
        this.events = events;
    }

    @Override
    public @Nullable ByteBuffer tryAllocate(int sizeBytes) {
        RequestMemory.Reservation reservation = memory.tryReserve(sizeBytes, this);
        if (reservation == null) {
            events.memoryRefused();
            return null;
        }
        try {
            ByteBuffer buffer = ByteBuffer.allocate(sizeBytes);
            receiving = reservation;
            arriving = buffer;
            events.receiveStarted();
            return buffer;
        } catch (OutOfMemoryError e) {
            // The budget is larger than the heap can bear. Costs this connection, not the others.
            memory.release(reservation);
            throw new KafkaException("no heap left for a request of " + sizeBytes + " bytes", e);
        }
    }

    /** Called by a channel that closes in the middle of a request. */
    @Override
    public void release(ByteBuffer previouslyAllocated) {
        releaseReceiving();
    }

    /** The request has arrived: hands over its reservation. */
    RequestMemory.Reservation received() {
        RequestMemory.Reservation reservation = Objects.requireNonNull(receiving, "nothing is being received");
        receiving = null;
        arriving = null;
        return reservation;
    }

    /** Whether a buffer is allocated and still being filled. */
    boolean isReceiving() {
        return receiving != null;
    }

    /** The share of the request being received that has arrived, from 0 to 1; 1 if none is being received. */
    double arrivedShare() {
        ByteBuffer buffer = arriving;
        return buffer == null || buffer.capacity() == 0 ? 1 : (double) buffer.position() / buffer.capacity();
    }

    /** The connection is gone. */
    void close() {
        memory.cancel(this);
        releaseReceiving();
    }

    private void releaseReceiving() {
        if (receiving != null) {
            memory.release(receiving);
            receiving = null;
            arriving = null;
        }
    }

    @Override
    void granted() {
        events.memoryGranted();
    }

    // What follows is for selectors that share one pool between channels; ours unmutes channels itself, one by one.

    @Override
    public long size() {
        return Long.MAX_VALUE;
    }

    @Override
    public long availableMemory() {
        return Long.MAX_VALUE;
    }

    @Override
    public boolean isOutOfMemory() {
        return false;
    }
}
