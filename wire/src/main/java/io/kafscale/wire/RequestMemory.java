package io.kafscale.wire;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The server's budget for bytes of requests. Counts only; the buffers are ordinary heap memory. Thread-safe.
 *
 * <p>Connections that do not get their bytes wait in order of arrival and are told when they have them. Small requests
 * have a reserve and a queue of their own: while large ones use up or wait for the total, small ones go on through the
 * reserve, so heartbeats do not starve behind produce requests; and while large ones wait, small ones leave the total
 * alone, so that large ones do not starve behind a stream of small ones.
 */
final class RequestMemory {
    /** Bytes taken from one of the two parts of the budget. */
    record Reservation(int bytes, boolean fromReserve) {}

    /** One who waits for bytes; at most one wait at a time. */
    abstract static class Waiter {
        private int bytes;
        private @Nullable Reservation granted;

        /** The bytes waited for were reserved; called by whichever thread released them, without a lock held. */
        abstract void granted();
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final long capacity;
    private final int smallRequestBytes;
    private final Set<Waiter> large = new LinkedHashSet<>();
    private final Set<Waiter> small = new LinkedHashSet<>();
    private long total;
    private long reserve;

    RequestMemory(RequestLimits limits) {
        this.total = limits.totalBytes();
        this.reserve = limits.reserveBytes();
        this.capacity = total + reserve;
        this.smallRequestBytes = limits.smallRequestBytes();
    }

    /**
     * Reserves bytes, or lines the waiter up for them. One that waits already keeps its place; one that was granted its
     * bytes gets them now.
     *
     * @return null if the waiter has to wait
     */
    @Nullable
    Reservation tryReserve(int bytes, Waiter waiter) {
        lock.lock();
        try {
            Reservation reservation = waiter.granted;
            if (reservation != null) {
                waiter.granted = null;
                return reservation;
            }
            if (small.contains(waiter) || large.contains(waiter)) {
                return null;
            }
            boolean isSmall = bytes <= smallRequestBytes;
            boolean mayQueueJump = isSmall ? small.isEmpty() : large.isEmpty();
            reservation = mayQueueJump ? take(bytes, isSmall) : null;
            if (reservation == null) {
                waiter.bytes = bytes;
                (isSmall ? small : large).add(waiter);
            }
            return reservation;
        } finally {
            lock.unlock();
        }
    }

    /** Gives bytes back and grants them to those who wait. */
    void release(Reservation reservation) {
        List<Waiter> granted;
        lock.lock();
        try {
            giveBack(reservation);
            granted = grant();
        } finally {
            lock.unlock();
        }
        granted.forEach(Waiter::granted);
    }

    /** Ends a wait; a grant that was not picked up goes back. */
    void cancel(Waiter waiter) {
        List<Waiter> granted;
        lock.lock();
        try {
            small.remove(waiter);
            large.remove(waiter);
            if (waiter.granted != null) {
                giveBack(waiter.granted);
                waiter.granted = null;
            }
            granted = grant();
        } finally {
            lock.unlock();
        }
        granted.forEach(Waiter::granted);
    }

    /** Whether somebody waits for bytes. */
    boolean isWaitedFor() {
        lock.lock();
        try {
            return !large.isEmpty() || !small.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    /** Bytes reserved now. */
    long usedBytes() {
        lock.lock();
        try {
            return capacity - total - reserve;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Reservation take(int bytes, boolean isSmall) {
        boolean leaveTotalToLarge = isSmall && !large.isEmpty();
        if (bytes <= total && !leaveTotalToLarge) {
            total -= bytes;
            return new Reservation(bytes, false);
        }
        if (isSmall && bytes <= reserve) {
            reserve -= bytes;
            return new Reservation(bytes, true);
        }
        return null;
    }

    private void giveBack(Reservation reservation) {
        if (reservation.fromReserve) {
            reserve += reservation.bytes;
        } else {
            total += reservation.bytes;
        }
    }

    private List<Waiter> grant() {
        if (large.isEmpty() && small.isEmpty()) {
            return List.of();
        }
        var granted = new ArrayList<Waiter>();
        grantFrom(large, false, granted);
        grantFrom(small, true, granted);
        return granted;
    }

    private void grantFrom(Set<Waiter> waiting, boolean isSmall, List<Waiter> granted) {
        for (Iterator<Waiter> head = waiting.iterator(); head.hasNext(); ) {
            Waiter waiter = head.next();
            Reservation reservation = take(waiter.bytes, isSmall);
            if (reservation == null) {
                return;
            }
            waiter.granted = reservation;
            head.remove();
            granted.add(waiter);
        }
    }
}
