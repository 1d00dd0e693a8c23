package io.kafscale.app.inspect;

import io.kafscale.format.CorruptObjectException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Collects what is wrong with an object while the rest of it is still read. One thread. */
final class Damage {
    private final List<String> found = new ArrayList<>();

    /** The result of {@code reading}, or nothing if the bytes are not what they should be. */
    <T> Optional<T> attempt(Supplier<T> reading) {
        try {
            return Optional.of(reading.get());
        } catch (CorruptObjectException damaged) {
            found.add(damaged.getMessage());
            return Optional.empty();
        }
    }

    void add(String problem) {
        found.add(problem);
    }

    List<String> found() {
        return List.copyOf(found);
    }
}
