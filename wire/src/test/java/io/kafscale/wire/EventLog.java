package io.kafscale.wire;

import java.net.InetAddress;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.protocol.ApiKeys;

/** What a server observed, in order, to wait for. */
final class EventLog implements NetworkListener {
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    /** Waits for an event that contains this text, and drops those before. */
    String await(String text) throws InterruptedException {
        while (true) {
            String event = events.poll(20, TimeUnit.SECONDS);
            if (event == null) {
                throw new AssertionError("no event with '" + text + "'");
            }
            if (event.contains(text)) {
                return event;
            }
        }
    }

    @Override
    public void connectionOpened(String connectionId) {
        events.add("opened " + connectionId);
    }

    @Override
    public void connectionClosed(String connectionId) {
        events.add("closed " + connectionId);
    }

    @Override
    public void connectionRefused(InetAddress address) {
        events.add("refused " + address);
    }

    @Override
    public void connectionRejected(String connectionId, String reason) {
        events.add("rejected " + reason);
    }

    @Override
    public void requestReceived(ApiKeys api, int bytes) {
        events.add("received " + api + " " + bytes);
    }

    @Override
    public void responseSent(ApiKeys api, long bytes, ResponseTimes times) {
        events.add("sent " + api + " " + bytes + " " + times.totalNanos());
    }

    @Override
    public void readingPaused(String connectionId, String bound) {
        events.add("paused " + bound);
    }
}
