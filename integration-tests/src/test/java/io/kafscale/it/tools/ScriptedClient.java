package io.kafscale.it.tools;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.process.CapturedOutput;
import io.kafscale.it.process.ChildProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A client that a small program of ours drives. The program does what its first argument says, then prints {@code done} and ends:
 *
 * <ul>
 *   <li>{@code produce BOOTSTRAP TOPIC COUNT COMPRESSION IDEMPOTENT} produces the values 0 to COUNT - 1 with one key;
 *   <li>{@code consume BOOTSTRAP TOPIC COUNT} prints {@code record PARTITION OFFSET VALUE} for that many;
 *   <li>{@code member BOOTSTRAP TOPIC GROUP} prints {@code assigned PARTITION…} and records until its input ends;
 *   <li>{@code admin BOOTSTRAP NEW-TOPIC TOPIC GROUP} tries what its admin client can do, given a topic of ten records and an empty
 *       group that has committed 5.
 * </ul>
 *
 * @param name for its log files
 * @param command what starts it, without the words
 * @param environment its environment, besides ours
 * @param compressions see {@link ForeignClient#compressions()}
 * @param isIdempotent see {@link ForeignClient#isIdempotent()}
 */
record ScriptedClient(
        String name,
        List<String> command,
        Map<String, String> environment,
        List<String> compressions,
        boolean isIdempotent)
        implements ForeignClient {
    private static final Duration PATIENCE = Duration.ofSeconds(120);

    ScriptedClient {
        command = List.copyOf(command);
        environment = Map.copyOf(environment);
        compressions = List.copyOf(compressions);
    }

    @Override
    public void produce(BrokerUnderTest broker, String topic, int count, ProducerChoice choice) {
        run(
                "produce",
                broker,
                topic,
                Integer.toString(count),
                choice.compression(),
                Boolean.toString(choice.idempotent()));
    }

    @Override
    public List<String> consume(BrokerUnderTest broker, String topic, int count) {
        return run("consume", broker, topic, Integer.toString(count)).lines().stream()
                .filter(line -> line.startsWith("record "))
                .map(line -> line.split(" ", 4)[3])
                .toList();
    }

    @Override
    public ForeignMember join(BrokerUnderTest broker, String topic, String group) {
        ChildProcess process = start("member", broker, topic, group);
        return new ForeignMember(process, ScriptedClient::assigned, process::endInput);
    }

    private static Stream<Integer> assigned(String line) {
        return line.startsWith("assigned") ? Stream.of(line.strip().split(" ").length - 1) : Stream.empty();
    }

    /** See {@code admin} above. */
    void administer(BrokerUnderTest broker, String newTopic, String topic, String group) {
        run("admin", broker, newTopic, topic, group);
    }

    private CapturedOutput run(String word, BrokerUnderTest broker, String... words) {
        try (ChildProcess process = start(word, broker, words)) {
            CapturedOutput output = process.endInput().awaitSuccess(PATIENCE).output();
            if (!output.lines().getLast().equals("done")) {
                throw new AssertionError("it ended early: " + process);
            }
            return output;
        }
    }

    private ChildProcess start(String word, BrokerUnderTest broker, String... words) {
        var all = new ArrayList<>(command);
        all.add(word);
        all.add(broker.bootstrapServers());
        all.addAll(List.of(words));
        return ChildProcess.start(name + "-" + word, all, environment);
    }
}
