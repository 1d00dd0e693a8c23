package io.kafscale.testkit.net;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries bytes one way: one thread reads them and notes when they are due, another delivers them then. At most a mebibyte is on
 * the way; beyond that the sender waits, as it does for a full window. Thread-safe.
 */
final class Pump {
    private static final Logger log = LoggerFactory.getLogger(Pump.class);
    private static final int CHUNK_BYTES = 16 << 10;
    private static final int MAX_CHUNKS = 64;

    /** Bytes and when they are due; none are the end. */
    private static final class Chunk {
        private final byte[] bytes;
        private final long arrivalNanos;

        private Chunk(byte[] bytes, long arrivalNanos) {
            this.bytes = bytes;
            this.arrivalNanos = arrivalNanos;
        }
    }

    private final Direction direction;
    private final Link link;
    private final Socket from;
    private final Socket to;
    private final Runnable onEnd;
    private final Runnable onFailure;
    private final BlockingQueue<Chunk> underWay = new ArrayBlockingQueue<>(MAX_CHUNKS);
    private final Thread reader = Thread.ofVirtual().name("tcp-proxy-read").unstarted(this::read);
    private final Thread writer = Thread.ofVirtual().name("tcp-proxy-write").unstarted(this::write);

    /**
     * A pump that is not started.
     *
     * @param onEnd runs when the end of {@code from} has been passed on
     * @param onFailure runs when either socket fails
     */
    Pump(Direction direction, Link link, Socket from, Socket to, Runnable onEnd, Runnable onFailure) {
        this.direction = direction;
        this.link = link;
        this.from = from;
        this.to = to;
        this.onEnd = onEnd;
        this.onFailure = onFailure;
    }

    void start() {
        reader.start();
        writer.start();
    }

    void stop() {
        reader.interrupt();
        writer.interrupt();
    }

    private void read() {
        try {
            InputStream in = from.getInputStream();
            byte[] buffer = new byte[CHUNK_BYTES];
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                underWay.put(new Chunk(Arrays.copyOf(buffer, count), link.arrivalNanos()));
            }
            underWay.put(new Chunk(new byte[0], link.arrivalNanos()));
        } catch (IOException broken) {
            log.trace("the sender is gone", broken);
            onFailure.run();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        try {
            OutputStream out = to.getOutputStream();
            Chunk next = nextArrived();
            while (next.bytes.length > 0) {
                out.write(next.bytes);
                next = nextArrived();
            }
            to.shutdownOutput();
            onEnd.run();
        } catch (IOException broken) {
            log.trace("the receiver is gone", broken);
            onFailure.run();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    private Chunk nextArrived() throws InterruptedException {
        Chunk next = underWay.take();
        link.awaitPassage(direction, next.arrivalNanos);
        return next;
    }
}
