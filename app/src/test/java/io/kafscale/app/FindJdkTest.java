package io.kafscale.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher's search for Java, with homes made up of a release file and an executable. */
class FindJdkTest {
    private record Found(int exitCode, String out, String err) {}

    private static final Path SCRIPT = Path.of("..", "scripts", "find-jdk.sh").toAbsolutePath();

    @TempDir
    Path directory;

    @Test
    void theUsersOwnChoiceComesFirst() throws Exception {
        var mine = home("mine", "25.0.1", "java", "javac");
        var other = home("other", "26", "java", "javac");

        var byHome = find(Map.of("KAFSCALE_JAVA", mine.toString(), "JAVA_HOME", other.toString()));
        var byBinary = find(Map.of("KAFSCALE_JAVA", mine.resolve("bin/java").toString()));

        assertThat(byHome).isEqualTo(new Found(0, mine + "\n", ""));
        assertThat(byBinary).isEqualTo(new Found(0, mine + "\n", ""));
    }

    @Test
    void aChoiceThatWillNotDoIsRefusedNotSkipped() throws Exception {
        var tooOld = home("old", "24.0.2", "java");

        var found = find(Map.of(
                "KAFSCALE_JAVA",
                tooOld.toString(),
                "JAVA_HOME",
                home("good", "25", "java").toString()));

        assertThat(found.exitCode()).isEqualTo(1);
        assertThat(found.err()).contains("which is no Java 25 or later");
    }

    @Test
    void javaHomeComesBeforeThePathAndIsSkippedIfTooOld() throws Exception {
        var tooOld = home("old", "21.0.2", "java");
        var good = home("good", "25.0.3", "java");
        var onPath = home("path", "27-ea", "java");

        assertThat(find(Map.of("JAVA_HOME", good.toString(), "PATH", path(onPath)))
                        .out())
                .isEqualTo(good + "\n");
        assertThat(find(Map.of("JAVA_HOME", tooOld.toString(), "PATH", path(onPath)))
                        .out())
                .isEqualTo(onPath + "\n");
    }

    @Test
    void thePathIsFollowedThroughLinks() throws Exception {
        var real = home("real", "25", "java");
        Files.createDirectories(directory.resolve("links"));
        Files.createSymbolicLink(directory.resolve("links/java"), real.resolve("bin/java"));

        var found = find(Map.of("PATH", directory.resolve("links") + ":" + System.getenv("PATH")));

        assertThat(found.out()).isEqualTo(real + "\n");
    }

    @Test
    void toBuildItTakesACompiler() throws Exception {
        var runtimeOnly = home("jre", "25", "java");
        var compiler = home("jdk", "25", "java", "javac");
        Map<String, String> environment = Map.of("JAVA_HOME", runtimeOnly.toString(), "PATH", path(compiler));

        assertThat(find(environment).out()).isEqualTo(runtimeOnly + "\n");
        assertThat(find(environment, "--jdk").out()).isEqualTo(compiler + "\n");
    }

    private Path home(String name, String version, String... binaries) throws IOException {
        Path home = directory.toRealPath().resolve(name);
        Files.createDirectories(home.resolve("bin"));
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"" + version + "\"\n");
        for (String binary : binaries) {
            Files.writeString(home.resolve("bin").resolve(binary), "#!/bin/sh\nexit 1\n");
            assertThat(home.resolve("bin").resolve(binary).toFile().setExecutable(true))
                    .isTrue();
        }
        return home;
    }

    private static String path(Path home) {
        return home.resolve("bin") + ":" + System.getenv("PATH");
    }

    private Found find(Map<String, String> environment, String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("sh", SCRIPT.toString()));
        command.addAll(List.of(arguments));
        var builder = new ProcessBuilder(command)
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("err").toFile());
        var clean = new HashMap<>(environment);
        clean.putIfAbsent("PATH", System.getenv("PATH"));
        clean.put("HOME", directory.toString());
        builder.environment().clear();
        builder.environment().putAll(clean);
        int exitCode = builder.start().waitFor();
        return new Found(
                exitCode,
                Files.readString(directory.resolve("out"), StandardCharsets.UTF_8),
                Files.readString(directory.resolve("err"), StandardCharsets.UTF_8));
    }
}
