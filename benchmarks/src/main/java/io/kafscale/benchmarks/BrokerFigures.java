package io.kafscale.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a broker's process spends, as the operating system and the JVM's {@code jcmd} tell. Stateless. */
final class BrokerFigures {
    private static final Pattern USED = Pattern.compile("used (\\d+)K");

    private BrokerFigures() {}

    /** User and system time so far. */
    static double cpuSeconds(ProcessHandle broker) {
        return broker.info()
                        .totalCpuDuration()
                        .orElseThrow(
                                () -> new IllegalStateException("a broker is gone, or this system tells no CPU times"))
                        .toNanos()
                / 1e9;
    }

    /** The heap that is in use after a full collection. */
    static double liveHeapMebibytes(ProcessHandle broker) throws IOException, InterruptedException {
        jcmd(broker, "GC.run");
        String told = jcmd(broker, "GC.heap_info");
        Matcher used = USED.matcher(told);
        if (!used.find()) {
            throw new IOException("jcmd does not tell the heap in use: " + told);
        }
        return Double.parseDouble(used.group(1)) / 1024;
    }

    private static String jcmd(ProcessHandle broker, String command) throws IOException, InterruptedException {
        Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
        Process process = new ProcessBuilder(List.of(jcmd.toString(), Long.toString(broker.pid()), command))
                .redirectErrorStream(true)
                .start();
        String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("jcmd failed: " + answer);
        }
        return answer;
    }
}
