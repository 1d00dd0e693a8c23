package io.kafscale.it.tools;

import io.kafscale.it.broker.BrokerUnderTest;
import io.kafscale.it.process.ChildProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** kcat, the command-line client of librdkafka. */
final class KcatClient implements ForeignClient {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final Pattern ASSIGNED = Pattern.compile("rebalanced \\(memberid .*\\): assigned: (.*)");
    private static final Pattern ONE_PARTITION = Pattern.compile("\\[\\d+]");

    @Override
    public List<String> compressions() {
        return List.of("none", "gzip", "snappy", "lz4", "zstd");
    }

    @Override
    public boolean isIdempotent() {
        return true;
    }

    @Override
    public void produce(BrokerUnderTest broker, String topic, int count, ProducerChoice choice) {
        List<String> lines = IntStream.range(0, count).mapToObj(i -> "key:" + i).toList();
        List<String> words = List.of(
                "-P",
                "-t",
                topic,
                "-K",
                ":",
                "-z",
                choice.compression(),
                "-X",
                "enable.idempotence=" + choice.idempotent());
        try (ChildProcess kcat = start(broker, words)) {
            kcat.type(lines).endInput().awaitSuccess(PATIENCE);
        }
    }

    @Override
    public List<String> consume(BrokerUnderTest broker, String topic, int count) {
        return run(
                broker,
                List.of("-C", "-t", topic, "-p", "0", "-o", "beginning", "-c", Integer.toString(count), "-f", "%s\\n"));
    }

    /** Runs kcat with these words and returns what it prints. */
    List<String> run(BrokerUnderTest broker, List<String> words) {
        try (ChildProcess kcat = start(broker, words)) {
            return kcat.awaitSuccess(PATIENCE).output().lines();
        }
    }

    @Override
    public ForeignMember join(BrokerUnderTest broker, String topic, String group) {
        // The shell puts what kcat says about rebalances, on its standard error, between what it prints.
        var words = new ArrayList<>(List.of("sh", "-c", "exec kcat \"$@\" 2>&1", "kcat"));
        words.addAll(List.of("-b", broker.bootstrapServers(), "-u"));
        words.addAll(List.of("-X", "auto.offset.reset=earliest", "-f", "record %p %o %s\\n", "-G", group, topic));
        ChildProcess kcat = ChildProcess.start("kcat-member", words);
        return new ForeignMember(kcat, KcatClient::assigned, () -> kcat.terminate(PATIENCE));
    }

    private static Stream<Integer> assigned(String line) {
        Matcher matcher = ASSIGNED.matcher(line);
        return matcher.find()
                ? Stream.of(
                        (int) ONE_PARTITION.matcher(matcher.group(1)).results().count())
                : Stream.empty();
    }

    private static ChildProcess start(BrokerUnderTest broker, List<String> words) {
        var all = new ArrayList<>(List.of("kcat", "-b", broker.bootstrapServers()));
        all.addAll(words);
        return ChildProcess.start("kcat", all);
    }
}
