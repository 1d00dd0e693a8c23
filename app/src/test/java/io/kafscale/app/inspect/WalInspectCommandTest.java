package io.kafscale.app.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kafscale.app.CommandLineRun;
import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalGenesis;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.format.wal.WalSeal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalInspectCommandTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final StreamId STREAM = new StreamId(1, 4);

    @TempDir
    Path directory;

    @Test
    void anObjectWithBatchesIsDescribed() throws IOException {
        var path = write(SampleObjects.wal());

        var run = CommandLineRun.of("wal", "inspect", path.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("data, stream 1-4, sequence 7, nonce 0000000000abcdef")
                .contains("trim position 2, commit position 6")
                .containsPattern("orders +0 +3 +56 +\\d+ +10..10 +1 +1 +ok")
                .contains("Intact.");
    }

    @Test
    void jsonHasItAll() throws IOException {
        var path = write(SampleObjects.wal());

        var report = JSON.readTree(CommandLineRun.of("wal", "inspect", path.toString(), "--output", "json")
                .out());

        assertThat(report.get("header").get("kind").asText()).isEqualTo("data");
        assertThat(report.get("chunks")).hasSize(2);
        assertThat(report.get("chunks").get(1).get("baseOffset").asLong()).isEqualTo(20);
    }

    @Test
    void startAndEndOfAStreamAreDescribed() throws IOException {
        var start = new WalGenesis(new WalHeader(WalHeader.Kind.GENESIS, STREAM, 0, 1, 0, 0), "cluster-1", 99);
        var end = new WalSeal(new WalHeader(WalHeader.Kind.SEAL, STREAM, 9, 1, 2, 9), new StreamId(1, 5));

        assertThat(inspect(SampleObjects.joined(start.encode().buffers())).out())
                .contains("genesis, stream 1-4")
                .contains("cluster cluster-1, metadata revision 99");
        assertThat(inspect(SampleObjects.joined(end.encode().buffers())).out())
                .contains("seal, stream 1-4, sequence 9")
                .contains("sealed by 1-5");
    }

    @Test
    void aFlippedBitNamesTheChunk() throws IOException {
        byte[] bytes = SampleObjects.wal().array();
        bytes[60] ^= 1;

        var run = inspect(ByteBuffer.wrap(bytes));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .containsPattern("orders +0 .* WRONG")
                .containsPattern("orders +1 .* ok")
                .contains("DAMAGED: WAL chunk does not match its checksum");
    }

    @Test
    void aCutObjectStillShowsItsHeader() throws IOException {
        byte[] bytes = SampleObjects.wal().array();

        var run = inspect(ByteBuffer.wrap(Arrays.copyOf(bytes, bytes.length - 10)));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out()).contains("stream 1-4, sequence 7").contains("DAMAGED: WAL object does not end");
    }

    private CommandLineRun inspect(ByteBuffer object) throws IOException {
        return CommandLineRun.of("wal", "inspect", write(object).toString());
    }

    private Path write(ByteBuffer object) throws IOException {
        byte[] bytes = new byte[object.remaining()];
        object.duplicate().get(bytes);
        return Files.write(directory.resolve("00000000000000000007.wal"), bytes);
    }
}
