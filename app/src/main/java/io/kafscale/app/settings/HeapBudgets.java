package io.kafscale.app.settings;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.kafscale.broker.fetch.FetchHandler;
import io.kafscale.log.segment.SegmentSettings;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Whether the memory that settings promise is there. They bound what the broker holds, so a heap that is smaller than all of them
 * together is no bound at all: the broker would die of it, under load, long after the start. Stateless.
 */
public final class HeapBudgets {
    private static final List<Setting<ByteSize>> SETTINGS = List.of(
            SettingKeys.QUEUED_REQUEST_BYTES,
            SettingKeys.WAL_BUFFER_BYTES,
            SettingKeys.TAIL_CACHE_BYTES,
            SettingKeys.CACHE_BYTES);

    /** What no setting bounds: segments being written, and answers that clients have not taken yet. */
    private static final long FIXED_BYTES = SegmentSettings.defaults().groupBytes() + FetchHandler.UNSENT_BYTES;

    private HeapBudgets() {}

    /**
     * The bytes that {@code -Xmx} allows. {@link Runtime#maxMemory()} is smaller with collectors that keep a part of the heap empty
     * to copy into, by which the budgets, coarse as they are, must not be judged.
     */
    public static long heapBytes() {
        var options = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        return Long.parseLong(options.getVMOption("MaxHeapSize").getValue());
    }

    /**
     * Checks that all budgets together fit into the heap.
     *
     * @param heapBytes the largest that the heap can become, as {@link #heapBytes} says
     * @throws SettingsException if they do not; the message names the settings and the heap
     */
    public static void check(EffectiveSettings values, long heapBytes) {
        long sum = FIXED_BYTES;
        for (Setting<ByteSize> setting : SETTINGS) {
            sum += values.get(setting).bytes();
        }
        if (sum <= heapBytes) {
            return;
        }
        String budgets = SETTINGS.stream()
                .map(values::valueOf)
                .map(value -> value.setting().key() + " = '" + value.text() + "' (" + value.source() + ")")
                .collect(Collectors.joining(", "));
        throw new SettingsException(List.of("The heap of " + inMebibytes(heapBytes)
                + " is smaller than what the broker may hold, " + inMebibytes(sum) + ": " + budgets + ", and "
                + inMebibytes(FIXED_BYTES) + " that are fixed. Raise KAFSCALE_HEAP or lower some of these."));
    }

    private static String inMebibytes(long bytes) {
        return Math.ceilDiv(bytes, 1L << 20) + " MiB";
    }
}
