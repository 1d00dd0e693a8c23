package io.kafscale.it.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux says about the memory of a process. */
public final class ResidentMemory {
    private ResidentMemory() {}

    /** Resident bytes of process {@code pid}. */
    public static long bytes(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                    .findFirst()
                    .orElseThrow(() -> new AssertionError("process " + pid + " is gone"));
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
