package io.kafscale.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.AppInfoParser;

/** Where numbers come from: hardware, system and versions, as far as the system tells. */
record Machine(String hardware, String system, String java, String kafka, String kafscale) {
    static Machine describe() throws IOException, InterruptedException {
        int processors = Runtime.getRuntime().availableProcessors();
        String processor = value(Path.of("/proc/cpuinfo"), "model name");
        String memory = value(Path.of("/proc/meminfo"), "MemTotal").replaceAll("[^0-9]", "");
        String hardware = processors + " × " + (processor.isEmpty() ? System.getProperty("os.arch") : processor);
        if (!memory.isEmpty()) {
            hardware += ", " + Math.round(Double.parseDouble(memory) / (1 << 20)) + " GiB";
        }
        hardware += ", " + Files.getFileStore(Path.of(".")).type();
        return new Machine(
                hardware,
                System.getProperty("os.name") + " " + release(System.getProperty("os.version")),
                System.getProperty("java.vendor") + " " + Runtime.version(),
                AppInfoParser.getVersion(),
                revision());
    }

    /** The first two numbers of a kernel's version: the rest names who built it. */
    private static String release(String version) {
        String[] parts = version.split("\\.");
        return parts.length < 2 ? version : parts[0] + "." + parts[1];
    }

    private static String value(Path file, String name) throws IOException {
        if (!Files.exists(file)) {
            return "";
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse("");
        }
    }

    /** What is checked out, or nothing outside of a repository. */
    private static String revision() throws InterruptedException {
        try {
            Process git = new ProcessBuilder(List.of("git", "describe", "--always")).start();
            String answer = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            return git.waitFor(10, TimeUnit.SECONDS) && git.exitValue() == 0 ? answer : "";
        } catch (IOException noGit) {
            return "";
        }
    }
}
