package io.kafscale.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.it.broker.KafscaleProcess;
import io.kafscale.it.broker.OnlyKafscale;
import io.kafscale.it.broker.Storage;
import io.kafscale.it.process.ChildProcess;
import io.kafscale.it.process.Directories;
import io.kafscale.testkit.net.LoopbackPort;
import io.kafscale.testkit.s3.Fault;
import io.kafscale.testkit.s3.FaultyS3Server;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A broker that cannot start says why and how to mend it, in one message, and ends. */
@OnlyKafscale
class StartupFailureIT {
    private static final Duration SECONDS = Duration.ofSeconds(45);
    private static final String BUCKET = "bucket";

    private final Path directory = Directories.newData("startup");
    private final int port = LoopbackPort.free();

    @AfterEach
    void deleteData() {
        Directories.delete(directory);
    }

    @ParameterizedTest
    @CsvSource({
        "segmnet.bytes=1MiB, segmnet.bytes, segment.bytes",
        "num.partitions=many, num.partitions, many",
        "storage.uri=ftp://somewhere, storage.uri, ftp"
    })
    void aSettingThatIsWrong(String setting, String whatItNames, String andAlso) {
        assertThat(refusal(List.of(setting), Map.of())).contains(whatItNames, andAlso);
    }

    @Test
    void budgetsThatDoNotFitIntoTheHeap() {
        assertThat(refusal(List.of("cache.bytes=1GiB"), Map.of()))
                .contains("512 MiB", "cache.bytes = '1GiB'", "wal.buffer.bytes", "KAFSCALE_HEAP");
    }

    @Test
    void aPortInUse() throws IOException {
        try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(refusal(List.of(), Map.of())).contains("127.0.0.1:" + port, "listen");
        }
    }

    @Test
    void aDirectoryThatAnotherBrokerUses() {
        try (var other = KafscaleProcess.launchUnchecked(settings(List.of()), Map.of())) {
            other.output().awaitLine("ready", SECONDS, line -> line.endsWith(" is ready."));
            int otherPort = LoopbackPort.free();
            assertThat(refusal(List.of("listen=127.0.0.1:" + otherPort), Map.of()))
                    .contains(directory.toString(), "in use");
        }
    }

    @Test
    void anS3ServiceThatDoesNotAnswer() {
        String nobody = "http://127.0.0.1:" + LoopbackPort.free();
        assertThat(refusal(Storage.s3Settings(nobody, BUCKET), Storage.s3Credentials()))
                .contains(nobody, BUCKET);
    }

    @Test
    void aBucketThatIsNotThere() throws IOException {
        try (var s3 = FaultyS3Server.start(BUCKET)) {
            s3.dropBucket();
            assertThat(refusal(Storage.s3Settings(s3.endpoint(), BUCKET), Storage.s3Credentials()))
                    .contains(BUCKET)
                    .containsIgnoringCase("create");
        }
    }

    @Test
    void aStoreThatDoesNotCreateAtomically() throws IOException {
        try (var s3 = FaultyS3Server.start(BUCKET)) {
            s3.breakAtomicCreate();
            assertThat(refusal(Storage.s3Settings(s3.endpoint(), BUCKET), Storage.s3Credentials()))
                    .contains(BUCKET)
                    .containsIgnoringCase("If-None-Match");
        }
    }

    @Test
    void credentialsThatAreNotAllowedIn() throws IOException {
        try (var s3 = FaultyS3Server.start(BUCKET)) {
            s3.inject(Integer.MAX_VALUE, _ -> true, Fault.accessDenied());
            assertThat(refusal(Storage.s3Settings(s3.endpoint(), BUCKET), Storage.s3Credentials()))
                    .contains(BUCKET)
                    .containsIgnoringCase("credentials");
        }
    }

    @Test
    void noCredentialsAtAll() throws IOException {
        Map<String, String> none = Map.of(
                "AWS_ACCESS_KEY_ID",
                "",
                "AWS_SECRET_ACCESS_KEY",
                "",
                "AWS_EC2_METADATA_DISABLED",
                "true",
                "AWS_SHARED_CREDENTIALS_FILE",
                directory.resolve("none").toString(),
                "AWS_CONFIG_FILE",
                directory.resolve("none").toString());
        try (var s3 = FaultyS3Server.start(BUCKET)) {
            assertThat(refusal(Storage.s3Settings(s3.endpoint(), BUCKET), none)).containsIgnoringCase("credentials");
        }
    }

    @Test
    void anEtcdThatDoesNotAnswer() {
        String nobody = "etcd://127.0.0.1:" + LoopbackPort.free();
        assertThat(refusal(List.of("metadata.uri=" + nobody), Map.of()))
                .contains("etcd at " + nobody + " cannot be used", "Start etcd, or correct metadata.uri");
    }

    /** The one message with which a broker refuses to start. */
    private String refusal(List<String> settings, Map<String, String> environment) {
        try (ChildProcess broker = KafscaleProcess.launchUnchecked(settings(settings), environment)) {
            assertThat(broker.awaitExit(SECONDS)).as("exit code").isNotZero();
            List<String> said = broker.errors().lines();
            List<String> errors =
                    said.stream().filter(line -> line.startsWith("error: ")).toList();
            assertThat(errors).as("errors among %s", said).hasSize(1);
            assertThat(said).noneMatch(line -> line.startsWith("\tat "));
            assertThat(broker.output().lines()).noneMatch(line -> line.endsWith(" is ready."));
            return errors.getFirst();
        }
    }

    private List<String> settings(List<String> more) {
        var settings = new ArrayList<String>();
        settings.add("listen=127.0.0.1:" + port);
        settings.add("storage.uri=" + directory.resolve("objects").toUri());
        settings.add("metadata.uri=" + directory.resolve("metadata").toUri());
        settings.addAll(more); // later ones win
        return settings;
    }
}
