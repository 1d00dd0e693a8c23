package io.kafscale.log.wal;

import io.kafscale.format.wal.WalObject;
import io.kafscale.objectstore.ObjectStore.PutOutcome;
import io.kafscale.objectstore.ObjectTail;
import io.kafscale.objectstore.Payload;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.EventLoop;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One WAL object on its way to the store: the same key and the same bytes until it is known whether the object is there. It is
 * never given up; only {@link #abandon} ends it early. Log loop only.
 *
 * <p>{@code READY} waits for its owner to {@link #send}; {@code SENDING} has an attempt under way; {@code IN_DOUBT} waits to be ready
 * again after a failed attempt; {@code READING_BACK} finds out whose object is at the key, {@code UNREAD} waits to read again;
 * {@code SETTLED} is the end. An attempt that timed out still holds the payload, and its late success still counts.
 */
final class WalUpload {
    private static final int MAX_TIMEOUT_DOUBLINGS = 3;

    private enum State {
        READY,
        SENDING,
        IN_DOUBT,
        READING_BACK,
        UNREAD,
        SETTLED
    }

    private final WalStore store;
    private final WalSettings settings;
    private final WalObject object;
    private final String key;
    private final Payload payload;
    private final UploadOwner owner;
    private State state = State.READY;
    private int attempts;
    private int unanswered;
    private int failures;
    private int reads;
    private long firstSentNanos;
    private long lastSentNanos;
    private boolean hedged;
    private EventLoop.@Nullable Timer retryTimer;

    /**
     * An upload that has not been sent yet.
     *
     * @param onReleased runs, on any thread, when no attempt needs the bytes any more
     */
    WalUpload(WalStore store, WalSettings settings, WalObject object, UploadOwner owner, Runnable onReleased) {
        this.store = store;
        this.settings = settings;
        this.object = object;
        this.key = store.key(object.header().stream(), object.header().sequence());
        this.payload = new Payload(object.buffers(), onReleased);
        this.owner = owner;
    }

    WalObject object() {
        return object;
    }

    long sequence() {
        return object.header().sequence();
    }

    int attempts() {
        return attempts;
    }

    long firstSentNanos() {
        return firstSentNanos;
    }

    /** When the latest attempt was made. */
    long lastSentNanos() {
        return lastSentNanos;
    }

    boolean isReady() {
        return state == State.READY;
    }

    boolean isSending() {
        return state == State.SENDING;
    }

    boolean isSettled() {
        return state == State.SETTLED;
    }

    boolean isHedged() {
        return hedged;
    }

    /** Makes an attempt; only where {@link #isReady}. */
    void send() {
        if (state != State.READY) {
            throw new IllegalStateException(key + " is " + state + ", not ready to be sent");
        }
        state = State.SENDING;
        attempt();
    }

    /** Doubles a slow attempt, at most once in the object's life. */
    void hedge() {
        if (state == State.SENDING && !hedged) {
            hedged = true;
            attempt();
        }
    }

    /** Ends a wait after a failure now: the store has just answered somebody else. */
    void wake() {
        if (state == State.IN_DOUBT) {
            cancelRetry();
            becomeReady();
        } else if (state == State.UNREAD) {
            cancelRetry();
            readBack();
        }
    }

    /** Stops caring. Attempts under way end by themselves and keep the payload until then. */
    void abandon() {
        if (state != State.SETTLED) {
            settle();
        }
    }

    private void attempt() {
        long now = store.nowNanos();
        if (attempts == 0) {
            firstSentNanos = now;
        }
        lastSentNanos = now;
        unanswered++;
        var attempt = new Attempt();
        attempt.deadline = store.loop().schedule(timeout(attempts++), attempt::expired);
        store.whenDone(calling(() -> store.objects().putIfAbsent(key, payload)), attempt::ended);
    }

    private Duration timeout(int attempt) {
        return settings.attemptTimeout().multipliedBy(1L << Math.min(attempt, MAX_TIMEOUT_DOUBLINGS));
    }

    private static <T> CompletableFuture<T> calling(Supplier<CompletableFuture<T>> call) {
        try {
            return call.get();
        } catch (RuntimeException thrown) {
            return CompletableFuture.failedFuture(thrown);
        }
    }

    /** One PUT. */
    private final class Attempt {
        private EventLoop.@Nullable Timer deadline;
        private boolean expired;

        void expired() {
            expired = true;
            failed(new StorageException(StorageException.Kind.OUTCOME_UNKNOWN, key, "no answer in time"));
        }

        void ended(@Nullable PutOutcome outcome, @Nullable Throwable failure) {
            if (deadline != null) {
                deadline.cancel();
            }
            if (state == State.SETTLED) {
                return;
            }
            if (outcome == PutOutcome.CREATED) {
                succeed();
            } else if (outcome == PutOutcome.ALREADY_EXISTS) {
                readBack();
            } else if (!expired) {
                failed(WalStore.failure(failure == null ? new NullPointerException("no outcome") : failure, key));
            }
        }

        /** A failure counts once no other attempt may still bring the answer. */
        private void failed(StorageException failure) {
            unanswered--;
            if (state != State.SENDING || unanswered > 0) {
                return;
            }
            if (failure.kind() == StorageException.Kind.CLOSED) {
                closed(failure);
                return;
            }
            retryLater(State.IN_DOUBT, WalUpload.this::becomeReady);
            owner.attemptFailed(WalUpload.this, failure);
        }
    }

    private void retryLater(State waiting, Runnable then) {
        state = waiting;
        retryTimer = store.loop().schedule(settings.retry().delay(failures++, store.random()), then);
    }

    private void becomeReady() {
        state = State.READY;
        owner.ready(this);
    }

    /** Something is at our key. It is ours if it ends as ours does: nonce, positions and every checksum are in the footer. */
    private void readBack() {
        if (state == State.READING_BACK) {
            return;
        }
        cancelRetry();
        state = State.READING_BACK;
        int read = ++reads;
        retryTimer = store.loop().schedule(settings.attemptTimeout(), () -> {
            unread(read, new StorageException(StorageException.Kind.UNAVAILABLE, key, "no answer in time"));
        });
        int footerBytes = footer().remaining();
        store.whenDone(calling(() -> store.objects().getTail(key, footerBytes)), (tail, thrown) -> {
            if (state == State.SETTLED) {
                return;
            }
            if (tail != null) {
                compare(tail);
            } else {
                unread(read, WalStore.failure(thrown == null ? new NullPointerException("no tail") : thrown, key));
            }
        });
    }

    private void compare(ObjectTail found) {
        if (found.objectSize() == object.length() && found.bytes().equals(footer())) {
            succeed();
        } else {
            lose("another object of " + found.objectSize() + " bytes");
        }
    }

    /** A read that failed says nothing, unless what it says is that nothing is there. */
    private void unread(int read, StorageException failure) {
        if (state != State.READING_BACK || read != reads) {
            return;
        }
        cancelRetry();
        switch (failure.kind()) {
            case NOT_FOUND -> lose("an object that is gone again");
            case CLOSED -> closed(failure);
            default -> {
                retryLater(State.UNREAD, this::readBack);
                owner.attemptFailed(this, failure);
            }
        }
    }

    private ByteBuffer footer() {
        return object.buffers().getLast();
    }

    private void succeed() {
        settle();
        owner.durable(this);
    }

    private void lose(String found) {
        settle();
        owner.lost(this, key + " holds " + found);
    }

    private void closed(StorageException failure) {
        settle();
        owner.storeClosed(this, failure);
    }

    private void settle() {
        cancelRetry();
        state = State.SETTLED;
        payload.release();
    }

    private void cancelRetry() {
        if (retryTimer != null) {
            retryTimer.cancel();
            retryTimer = null;
        }
    }
}
