package io.kafscale.it.process;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How to start a Java program of one of the modules under {@code programs}, whose class path the build has written down.
 *
 * @param module the module's directory name
 * @param javaHome the Java that runs it
 * @param jvmOptions options before the main class
 */
public record JavaProgram(String module, Path javaHome, List<String> jvmOptions) {
    private static final List<String> QUIET =
            List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");
    private static final String TEMPORARY = "-Djava.io.tmpdir=";
    private static final List<String> SHORT_LIVED = List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xmx384m");

    /** Copies the options. */
    public JavaProgram {
        jvmOptions = List.copyOf(jvmOptions);
    }

    /** A program that does little and ends soon, on this Java. */
    public static JavaProgram shortLived(String module) {
        return of(module, SHORT_LIVED);
    }

    /** A program on this Java. */
    public static JavaProgram of(String module, List<String> jvmOptions) {
        var options = new ArrayList<>(QUIET);
        options.addAll(jvmOptions);
        return new JavaProgram(module, Path.of(System.getProperty("java.home")), options);
    }

    /** The same with these options, too. */
    public JavaProgram with(String... moreOptions) {
        var options = new ArrayList<>(jvmOptions);
        options.addAll(List.of(moreOptions));
        return new JavaProgram(module, javaHome, options);
    }

    /**
     * The command that runs {@code mainClass} once. Its temporary files, which libraries with native code leave there when they are
     * killed, are in a directory of their own, which goes with the process.
     */
    public List<String> command(String mainClass, List<String> arguments) {
        var command = new ArrayList<String>();
        command.add(javaHome.resolve("bin/java").toString());
        if (jvmOptions.stream().noneMatch(option -> option.startsWith(TEMPORARY))) {
            command.add(TEMPORARY + Directories.newTemporary());
        }
        command.addAll(jvmOptions);
        command.add("-cp");
        command.add(classPath());
        command.add(mainClass);
        command.addAll(arguments);
        return command;
    }

    /** The directory of temporary files that {@link #command} made for this command. */
    static Optional<Path> temporaryOf(List<String> command) {
        return command.stream()
                .filter(argument -> argument.startsWith(TEMPORARY))
                .map(argument -> Path.of(argument.substring(TEMPORARY.length())))
                .filter(Directories::isTemporary)
                .findFirst();
    }

    private String classPath() {
        Path target = Directories.module().resolve("programs").resolve(module).resolve("target");
        Path written = target.resolve("class-path");
        if (!Files.exists(written)) {
            throw new AssertionError(written + " is missing: build the module integration-tests/programs/" + module
                    + " first (make test and make test-ecosystem do)");
        }
        try {
            return target.resolve("classes")
                    + File.pathSeparator
                    + Files.readString(written).strip();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }
}
