package io.kafscale.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;

class KafscaleTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    static Stream<List<String>> commands() {
        var all = new ArrayList<List<String>>();
        collect(Kafscale.commandLine(), List.of(), all);
        return all.stream();
    }

    private static void collect(CommandLine command, List<String> path, List<List<String>> all) {
        all.add(path);
        command.getSubcommands().forEach((name, subcommand) -> {
            var longer = new ArrayList<>(path);
            longer.add(name);
            collect(subcommand, longer, all);
        });
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommandHasHelpWithExamples(List<String> path) {
        var arguments = new ArrayList<>(path);
        arguments.add("--help");

        var run = CommandLineRun.of(arguments.toArray(String[]::new));

        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).contains("Usage: kafscale").contains("Examples:").contains("Exit codes:");
        assertThat(run.err()).isEmpty();
    }

    @Test
    void versionsAreNamed() throws JsonProcessingException {
        var text = CommandLineRun.of("version");
        var json = CommandLineRun.of("version", "--output", "json");

        assertThat(text.out()).startsWith("kafscale 0.").doesNotContain("${");
        var fields = JSON.readTree(json.out());
        assertThat(fields.get("kafscale").asText()).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(fields.get("java").asText()).isEqualTo(Runtime.version().toString());
    }

    @Test
    void configPrintsEverySettingWithItsSource() throws JsonProcessingException {
        var text = CommandLineRun.of("config", "--set", "node.id=7");
        var json = CommandLineRun.of("config", "--set", "node.id=7", "--output", "json");

        assertThat(text.out())
                .containsPattern("node\\.id +7 +--set")
                .containsPattern("listen +127.0.0.1:9092 +default");
        var nodeId = JSON.readTree(json.out()).get(0);
        assertThat(nodeId.get("key").asText()).isEqualTo("node.id");
        assertThat(nodeId.get("source").asText()).isEqualTo("--set");
    }

    @Test
    void configShowsThatThereIsAPasswordAndNotWhich() {
        for (String format : List.of("text", "json")) {
            var run = CommandLineRun.of(
                    "config",
                    "--output",
                    format,
                    "--set",
                    "metadata.uri=etcd://127.0.0.1:2379",
                    "--set",
                    "metadata.etcd.username=ali",
                    "--set",
                    "metadata.etcd.password=open sesame");
            assertThat(run.exitCode()).isZero();
            assertThat(run.out()).contains("(hidden)").doesNotContain("sesame");
            assertThat(run.err()).doesNotContain("sesame");
        }
    }

    @Test
    void aWrongSettingFailsWithOneMessageAndNoStackTrace() {
        var run = CommandLineRun.of("config", "--set", "segment.byte=1");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .isEqualTo("error: There is no setting 'segment.byte' (--set). Did you mean segment.bytes?"
                        + System.lineSeparator());
        assertThat(CommandLineRun.of("config", "--set", "segment.byte=1", "--verbose")
                        .err())
                .contains("SettingsException")
                .contains("\tat io.kafscale");
    }

    @Test
    void wrongUsageHasAnExitCodeOfItsOwn() {
        assertThat(CommandLineRun.of("topik").exitCode()).isEqualTo(2);
        assertThat(CommandLineRun.of("topik").err()).contains("Did you mean: kafscale topic?");
        assertThat(CommandLineRun.of("topic").err()).contains("Missing command: name one of create");
        assertThat(CommandLineRun.of("topic", "alter", "orders").exitCode()).isEqualTo(2);
        assertThat(CommandLineRun.of("group", "reset", "g").err()).contains("--to-earliest");
        assertThat(CommandLineRun.of("consume", "t", "--offset", "-3").exitCode())
                .isEqualTo(2);
        assertThat(CommandLineRun.of("consume", "t", "--max-messages", "0").err())
                .contains("at least 1");
        assertThat(CommandLineRun.of("topic", "create", "t", "--partitions", "-1")
                        .exitCode())
                .isEqualTo(2);
        assertThat(CommandLineRun.of("consume", "t", "--time", "noon").err()).contains("'noon' is not a time");
        assertThat(CommandLineRun.of("consume", "t", "--group", "g", "--offset", "3")
                        .err())
                .contains("kafscale group reset");
    }

    @Test
    void whoeverFindsNoBrokerIsToldWhatToDo() throws IOException {
        int port;
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }

        var run = CommandLineRun.of("topic", "list", "--bootstrap", "127.0.0.1:" + port);
        var asInKafka = CommandLineRun.of("topic", "list", "--bootstrap-server", "127.0.0.1:" + port);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("error: No broker answers at 127.0.0.1:" + port + " (connection refused).")
                .contains("kafscale broker")
                .contains("--bootstrap");
        assertThat(asInKafka.err()).isEqualTo(run.err());
    }

    @Test
    void aClientCommandIsSilentUnlessAskedToTalk() {
        CommandLineRun.of("version");

        assertThat(LoggerFactory.getLogger("org.apache.kafka.clients.NetworkClient")
                        .isErrorEnabled())
                .isFalse();
    }

    @Test
    void theHelpNamesTheBrokerFirst() {
        assertThat(Kafscale.commandLine().getSubcommands().keySet()).startsWith("broker", "topic");
    }

    @Test
    void theCompletionScriptKnowsOurCommandsAndOptions() {
        var run = CommandLineRun.of("completion");

        assertThat(run.out()).contains("complete -F").contains("reindex").contains("--from-beginning");
        assertThat(run.out()).as("names of files are completed").doesNotContain("compopt +o default");
    }
}
