package io.kafscale.log.wal;

import io.kafscale.format.wal.ChunkKey;
import io.kafscale.format.wal.WalObject;
import io.kafscale.log.LogException;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.ByteBudget;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The objects between being closed and being acknowledged. A bounded number of them is on its way at a time, one after a failure and
 * then twice as many with each success; an object is acknowledged only when all before it have been. Log loop only.
 */
final class UploadWindow implements UploadOwner {
    /** An object that has been sent, who hears of its chunks, and how many appends it answers. */
    record Flight(WalUpload upload, Map<ChunkKey, ChunkOwner> owners, int appends) {}

    /** What the window asks of the writer and tells it. Called on the log loop. */
    interface Owner {
        /** Gives the object its place and its bytes: it is about to be sent for the first time. */
        WalObject build(OpenObject content, long commitPosition);

        /** The object and all before it are durable. */
        void acknowledged(Flight flight);

        /** There may be room for another object. */
        void roomMade();

        /** The stream is lost; the owner stops the window. */
        void fenced(LogException cause);
    }

    private final WalStore store;
    private final WalSettings settings;
    private final ByteBudget buffer;
    private final Owner owner;
    private final FailureLog failures;
    private final Hedger hedger;
    private final Deque<OpenObject> closed = new ArrayDeque<>();
    private final Deque<Flight> flights = new ArrayDeque<>();
    private long commitPosition;
    private int limit;
    private boolean stopped;

    /**
     * An empty window.
     *
     * @param buffer what sent and waiting objects hold is given back to it when the transport has let go of them
     * @param commitPosition sequence before which everything is acknowledged
     */
    UploadWindow(WalStore store, WalSettings settings, ByteBudget buffer, long commitPosition, Owner owner) {
        this.store = store;
        this.settings = settings;
        this.buffer = buffer;
        this.owner = owner;
        this.commitPosition = commitPosition;
        this.limit = settings.maxInFlight();
        this.failures = new FailureLog(store.loop().time());
        this.hedger = new Hedger(store, settings.hedgeAfter(), this::oldest);
    }

    /** Sequence before which every object is acknowledged. */
    long commitPosition() {
        return commitPosition;
    }

    /** Whether the object found at a sequence, of which this is the header, is the one that was sent to it from here. */
    boolean isOwn(long sequence, ByteBuffer header) {
        if (sequence < commitPosition) {
            return true;
        }
        for (Flight flight : flights) {
            WalObject object = flight.upload().object();
            if (flight.upload().sequence() == sequence) {
                return object.buffers().getFirst().slice(0, header.remaining()).equals(header);
            }
        }
        return false;
    }

    /** Objects that are closed and have not been given their place. */
    int waiting() {
        return closed.size();
    }

    /** Objects that have been sent and are not acknowledged. */
    int inFlight() {
        return flights.size();
    }

    /** Whether an object closed now would be sent now. Only a success makes room where there was none. */
    boolean hasRoom() {
        return closed.isEmpty() && maySendFirstTime();
    }

    /** Objects in doubt count: nothing new is sent beside them while the store recovers. */
    private boolean maySendFirstTime() {
        int unsettled = 0;
        for (Flight flight : flights) {
            unsettled += flight.upload().isSettled() ? 0 : 1;
        }
        return !stopped && flights.size() < settings.maxInFlight() && unsettled < limit;
    }

    /** Takes over an object that has been closed. */
    void add(OpenObject content) {
        closed.addLast(content);
        pump();
    }

    /** Sends what may be sent: retries first, the oldest first. */
    private void pump() {
        int sending = 0;
        for (Flight flight : flights) {
            sending += flight.upload().isSending() ? 1 : 0;
        }
        for (Flight flight : flights) {
            if (sending < limit && flight.upload().isReady()) {
                flight.upload().send();
                sending++;
            }
        }
        while (!closed.isEmpty() && maySendFirstTime()) {
            sendFirstTime(closed.getFirst());
        }
        hedger.watch();
    }

    private void sendFirstTime(OpenObject content) {
        WalObject object;
        try {
            object = owner.build(content, commitPosition);
        } catch (RuntimeException unbuildable) {
            owner.fenced(new LogException(
                    LogException.Kind.NOT_LEADER,
                    "a WAL object cannot be built, so nothing after it can be",
                    unbuildable));
            return;
        }
        closed.removeFirst();
        long bytes = content.pinnedBytes() + ownBytes(object);
        buffer.reserveForced(ownBytes(object));
        Runnable giveBack = () -> store.loop().execute(() -> buffer.release(bytes));
        var upload = new WalUpload(store, settings, object, this, giveBack);
        flights.addLast(new Flight(upload, content.owners(), content.appends()));
        upload.send();
    }

    /** Header and footer, which nobody reserved. */
    private static int ownBytes(WalObject object) {
        var buffers = object.buffers();
        return buffers.getFirst().remaining() + buffers.getLast().remaining();
    }

    @Override
    public void attemptFailed(WalUpload upload, StorageException failure) {
        limit = 1;
        failures.add(failure);
        pump();
    }

    @Override
    public void ready(WalUpload upload) {
        pump();
    }

    @Override
    public void durable(WalUpload upload) {
        if (upload.attempts() == 1) {
            hedger.measured(store.nowNanos() - upload.firstSentNanos());
        }
        limit = Math.min(settings.maxInFlight(), limit * 2);
        acknowledgeInOrder();
        WalUpload oldest = oldest();
        if (oldest != null) {
            oldest.wake();
        }
        pump();
        owner.roomMade();
    }

    /** The one place where an object becomes acknowledged: at the head of the window, never past a gap, never after the end. */
    private void acknowledgeInOrder() {
        while (!stopped && !flights.isEmpty() && flights.getFirst().upload().isSettled()) {
            Flight flight = flights.removeFirst();
            commitPosition = flight.upload().sequence() + 1;
            owner.acknowledged(flight);
        }
    }

    @Override
    public void lost(WalUpload upload, String found) {
        owner.fenced(new LogException(
                LogException.Kind.NOT_LEADER, "this broker's WAL stream belongs to somebody else now: " + found));
    }

    @Override
    public void storeClosed(WalUpload upload, StorageException failure) {
        owner.fenced(new LogException(LogException.Kind.CLOSED, "the object store was closed", failure));
    }

    private @Nullable WalUpload oldest() {
        Flight first = flights.peekFirst();
        return first == null ? null : first.upload();
    }

    /** Sends and acknowledges nothing more. What the transport still holds is given back when it lets go. */
    void stop() {
        stopped = true;
        hedger.stop();
        flights.forEach(flight -> flight.upload().abandon());
        flights.clear();
        closed.forEach(content -> buffer.release(content.pinnedBytes()));
        closed.clear();
    }
}
