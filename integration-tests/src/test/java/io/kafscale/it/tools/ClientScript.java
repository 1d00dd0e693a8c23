package io.kafscale.it.tools;

import io.kafscale.it.process.Directories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The programs under {@code src/test/resources/clients}, and the interpreters that run them. */
final class ClientScript {
    /** The interpreter that the packages of the distribution belong to; another may come first on the path. */
    static final String PYTHON = "/usr/bin/python3";

    private static final int ANSWER_SECONDS = 60;

    private ClientScript() {}

    /** The script of this name. */
    static String named(String name) {
        return Directories.module()
                .resolve("src/test/resources/clients")
                .resolve(name)
                .toString();
    }

    /** Where {@code scripts/install-test-tools.sh} installs modules for Node.js. */
    static Path nodeModules() {
        return Directories.module().resolveSibling(".make/node/node_modules");
    }

    /** Fails unless {@code command} succeeds, saying that {@code tool} is missing and how to install it. */
    static void require(String tool, List<String> command, Map<String, String> environment) {
        try {
            var builder = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD);
            builder.environment().putAll(environment);
            Process process = builder.start();
            if (!process.waitFor(ANSWER_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw missing(tool);
            }
        } catch (IOException absent) {
            throw new UncheckedIOException(missing(tool).getMessage(), absent);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while looking for " + tool, interrupted);
        }
    }

    private static AssertionError missing(String tool) {
        return new AssertionError(
                tool + " is missing. scripts/install-test-tools.sh (or make test-tools) installs what the tests need.");
    }
}
