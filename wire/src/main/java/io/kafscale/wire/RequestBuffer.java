package io.kafscale.wire;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The accounting of the bytes one request arrived in. Thread-safe.
 *
 * <p>The bytes themselves are plain heap memory which nobody ever reuses: slices of it stay valid for as long as
 * somebody refers to them. But as long as somebody does, they fill the heap, so they count against
 * {@link RequestLimits#totalBytes()} until the last hold is released. The network layer has the first hold and releases
 * it when the response was sent, or at the latest of handler and connection being done; for requests without byte or
 * record fields already when {@link RequestHandler#handle} returns. A handler that keeps slices for longer (a log that
 * keeps records until they are durable) takes its own hold before that.
 */
public final class RequestBuffer {
    private final int sizeInBytes;
    private final @Nullable Runnable onReleased;
    private int holds = 1;
    private boolean answered;
    private @Nullable List<Runnable> onAnswered;

    RequestBuffer(int sizeInBytes, @Nullable Runnable onReleased) {
        this.sizeInBytes = sizeInBytes;
        this.onReleased = onReleased;
    }

    /** A buffer that counts against no budget, for requests that did not come from a socket. */
    public static RequestBuffer untracked(int sizeInBytes) {
        return new RequestBuffer(sizeInBytes, null);
    }

    /** The bytes accounted: the size of the whole request. */
    public int sizeInBytes() {
        return sizeInBytes;
    }

    /**
     * Adds a hold; {@link #release()} ends it.
     *
     * @return this
     * @throws IllegalStateException if the last hold was released already
     */
    public RequestBuffer retain() {
        synchronized (this) {
            if (holds == 0) {
                throw new IllegalStateException("request buffer retained after its last hold was released");
            }
            holds++;
        }
        return this;
    }

    /**
     * Ends a hold; the last one gives the bytes back to the budget.
     *
     * @throws IllegalStateException if there is no hold left
     */
    public void release() {
        boolean last;
        synchronized (this) {
            if (holds == 0) {
                throw new IllegalStateException("request buffer released more often than retained");
            }
            last = --holds == 0;
        }
        if (last && onReleased != null) {
            onReleased.run();
        }
    }

    /**
     * Runs an action once the request is over for the network layer: its response was written to the socket, or needs
     * none, or the connection is gone and the handler is done. For what a handler keeps accounted while a response
     * waits for a slow reader. Runs on a network thread, or here and now if that point has passed; must not block or
     * throw.
     */
    public void onAnswered(Runnable action) {
        synchronized (this) {
            if (!answered) {
                if (onAnswered == null) {
                    onAnswered = new ArrayList<>(1);
                }
                onAnswered.add(action);
                return;
            }
        }
        action.run();
    }

    /** The request is over; called once by the network layer. */
    void answered() {
        List<Runnable> actions;
        synchronized (this) {
            answered = true;
            actions = onAnswered;
            onAnswered = null;
        }
        if (actions != null) {
            actions.forEach(Runnable::run);
        }
    }
}
