package io.kafscale.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.kafka.common.utils.AppInfoParser;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Mixin;

/** {@code kafscale version}. */
@Command(
        name = "version",
        description = "Print the version of this program.",
        footerHeading = "%nExamples:%n",
        footer = {"  kafscale version", "  kafscale version --output json"})
public final class VersionCommand implements Callable<Integer> {
    /**
     * What is printed.
     *
     * @param kafscale version of this program
     * @param kafka version of the Apache Kafka libraries it speaks the protocol with
     * @param java the runtime
     */
    record View(String kafscale, String kafka, String java) {}

    /** The same for {@code --version}. */
    public static final class Provider implements IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"kafscale " + version()};
        }
    }

    @Mixin
    private OutputOption output;

    @Override
    public Integer call() {
        var view = new View(
                version(), AppInfoParser.getVersion(), Runtime.version().toString());
        output.print(
                view,
                (version, out) -> out.println("kafscale " + version.kafscale() + " (Kafka protocol " + version.kafka()
                        + ", Java " + version.java() + ")"));
        return 0;
    }

    /** The version this program was built as. */
    public static String version() {
        try (InputStream resource = VersionCommand.class.getResourceAsStream("/io/kafscale/app/version.properties")) {
            if (resource == null) {
                throw new IllegalStateException("the program was built without version.properties");
            }
            var properties = new Properties();
            properties.load(resource);
            return properties.getProperty("version", "unknown");
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
