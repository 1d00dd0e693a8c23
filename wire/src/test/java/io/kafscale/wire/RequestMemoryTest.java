package io.kafscale.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.wire.RequestMemory.Reservation;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RequestMemoryTest {
    private final RequestMemory memory =
            new RequestMemory(new RequestLimits(1000, 1000, 100, 50, 64, 1000, Duration.ofSeconds(1)));

    private static final class Waiting extends RequestMemory.Waiter {
        private boolean granted;

        @Override
        void granted() {
            granted = true;
        }
    }

    private final Waiting a = new Waiting();
    private final Waiting b = new Waiting();
    private final Waiting c = new Waiting();

    private Reservation reserve(int bytes) {
        return Objects.requireNonNull(memory.tryReserve(bytes, new Waiting()));
    }

    @Test
    void grantsInOrderOfArrivalAsSoonAsTheBytesAreThere() {
        Reservation first = reserve(600);
        Reservation second = reserve(300);
        assertThat(memory.tryReserve(700, a)).isNull();
        assertThat(memory.tryReserve(200, b)).isNull();

        memory.release(second);
        assertThat(a.granted).isFalse();
        assertThat(b.granted).as("b must not overtake a, or a may starve").isFalse();
        memory.release(first);
        assertThat(a.granted).isTrue();
        assertThat(b.granted).isTrue();
        assertThat(memory.tryReserve(700, a)).isEqualTo(new Reservation(700, false));
        assertThat(memory.tryReserve(200, b)).isEqualTo(new Reservation(200, false));
        assertThat(memory.usedBytes()).isEqualTo(900);
    }

    @Test
    void smallRequestsPassThroughTheReserveWhileLargeOnesWait() {
        Reservation all = reserve(990);
        assertThat(memory.tryReserve(500, a)).isNull();
        Reservation small = Objects.requireNonNull(memory.tryReserve(50, b));
        assertThat(small.fromReserve()).isTrue();
        assertThat(memory.tryReserve(50, b)).isNotNull();
        assertThat(memory.tryReserve(50, c)).as("the reserve is spent").isNull();
        memory.release(small);
        assertThat(c.granted).isTrue();
        memory.release(all);
        assertThat(a.granted).isTrue();
    }

    @Test
    void smallRequestsLeaveTheTotalToLargeOnesThatWait() {
        Reservation most = reserve(900);
        assertThat(memory.tryReserve(500, a)).isNull();
        assertThat(memory.tryReserve(10, b)).isEqualTo(new Reservation(10, true));
        memory.release(most);
        assertThat(memory.tryReserve(500, a)).isNotNull();
        assertThat(memory.tryReserve(10, b)).isEqualTo(new Reservation(10, false));
    }

    @Test
    void askingAgainKeepsThePlaceInTheQueue() {
        Reservation all = reserve(1000);
        assertThat(memory.tryReserve(600, a)).isNull();
        assertThat(memory.tryReserve(600, b)).isNull();
        assertThat(memory.tryReserve(600, a)).isNull();
        memory.release(all);
        assertThat(a.granted).isTrue();
        assertThat(b.granted).isFalse();
    }

    @Test
    void oneThatGivesUpMakesRoomForTheNext() {
        Reservation all = reserve(1000);
        assertThat(memory.tryReserve(900, a)).isNull();
        assertThat(memory.tryReserve(300, b)).isNull();
        assertThat(memory.tryReserve(300, c)).isNull();
        memory.cancel(b);
        memory.release(all);
        assertThat(a.granted).isTrue();
        assertThat(c.granted).isFalse();
        memory.cancel(a);
        assertThat(c.granted)
                .as("a gave back what it was granted and did not use")
                .isTrue();
        memory.cancel(c);
        assertThat(memory.usedBytes()).isZero();
    }

    @Test
    void neverGivesMoreThanThereIsAndLosesNothing() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        var random = new Random(seed);
        Deque<Waiting> waiting = new ArrayDeque<>();
        List<Integer> wanted = new ArrayList<>();
        List<Reservation> held = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            switch (random.nextInt(3)) {
                case 0 -> {
                    var waiter = new Waiting();
                    int bytes = 1 + random.nextInt(random.nextBoolean() ? 50 : 1000);
                    Reservation reservation = memory.tryReserve(bytes, waiter);
                    if (reservation != null) {
                        held.add(reservation);
                    } else {
                        waiting.add(waiter);
                        wanted.add(bytes);
                    }
                }
                case 1 -> {
                    if (!held.isEmpty()) {
                        memory.release(held.remove(random.nextInt(held.size())));
                    }
                }
                default -> {
                    if (!waiting.isEmpty() && random.nextInt(4) == 0) {
                        memory.cancel(waiting.removeLast());
                        wanted.removeLast();
                    }
                }
            }
            for (int size = waiting.size(); size > 0; size--) {
                Waiting waiter = waiting.removeFirst();
                int bytes = wanted.removeFirst();
                if (waiter.granted) {
                    held.add(Objects.requireNonNull(memory.tryReserve(bytes, waiter)));
                } else {
                    waiting.add(waiter);
                    wanted.add(bytes);
                }
            }
            long used = held.stream().mapToLong(Reservation::bytes).sum();
            assertThat(memory.usedBytes()).isEqualTo(used).isLessThanOrEqualTo(1100);
        }
        while (!held.isEmpty()) {
            memory.release(held.removeLast());
            waiting.stream().filter(w -> w.granted).toList().forEach(w -> {
                held.add(Objects.requireNonNull(memory.tryReserve(1, w)));
                waiting.remove(w);
            });
        }
        assertThat(waiting).isEmpty();
        assertThat(memory.usedBytes()).isZero();
    }
}
