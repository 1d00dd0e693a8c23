package io.kafscale.app.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.kafscale.app.CommandLineRun;
import io.kafscale.format.ProducerStateSnapshot;
import io.kafscale.format.segment.SegmentIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentCommandTest {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @TempDir
    Path root;

    private Path first;
    private Path second;

    @BeforeEach
    void givenTwoSegments() throws IOException {
        Path partition = Files.createDirectories(root.resolve("default/orders/0"));
        first = partition.resolve("segment-00000000000000000000.kfs");
        second = partition.resolve("segment-00000000000000000004.kfs");
        var before = write(first, 0, ProducerStateSnapshot.EMPTY);
        write(second, 4, before.extension().orElseThrow().producers());
    }

    @Test
    void anIntactSegmentIsDescribed() {
        var run = CommandLineRun.of("segment", "inspect", first.toString(), "--batches", "--entries");

        assertThat(run.exitCode()).isZero();
        assertThat(run.out())
                .contains("from offset 0 to 3, 4 records, created 1970-01-01T00:00:01Z")
                .contains("matches the segment")
                .contains("4 batches, compression {none=4}")
                .contains("2 entries, one every 2 records")
                .contains("topic id " + SampleObjects.TOPIC_ID)
                .contains("1 producers (complete)")
                .containsPattern("OFFSET +POSITION")
                .contains("77/0/3")
                .endsWith("Intact." + System.lineSeparator());
    }

    @Test
    void theIndexNamesTheSegmentTooAndJsonHasItAll() throws IOException {
        var run = CommandLineRun.of("segment", "inspect", "file://" + index(first), "--output", "json");

        var report = JSON.readTree(run.out());
        assertThat(run.exitCode()).isZero();
        assertThat(report.get("object").asText()).isEqualTo(first.toString());
        assertThat(report.get("footer").get("lastOffset").asLong()).isEqualTo(3);
        assertThat(report.get("batches")).hasSize(4);
        assertThat(report.get("index").get("entries")).hasSize(2);
        assertThat(report.get("damage")).isEmpty();
    }

    @Test
    void aFlippedBitIsFoundAndTheRestStillDescribed() throws IOException {
        flip(first, 32 + 61 + 3); // in the first record

        var run = CommandLineRun.of("segment", "inspect", first.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .contains("from offset 0 to 3")
                .contains(", but the bytes have ")
                .contains("DAMAGED: segment body does not match its checksum")
                .contains("DAMAGED: record batch does not match its checksum")
                .contains("offsets=0..0");
    }

    @Test
    void aSegmentThatIsCutOffIsReadAsFarAsItGoes() throws IOException {
        byte[] bytes = Files.readAllBytes(first);
        Files.write(first, java.util.Arrays.copyOf(bytes, bytes.length - 30));

        var run = CommandLineRun.of("segment", "inspect", first.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.out())
                .contains("DAMAGED: segment does not end in its end mark")
                .contains("3 batches");
    }

    @Test
    void aMissingOrForeignIndexIsDamage() throws IOException {
        Files.copy(index(second), index(first), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        assertThat(CommandLineRun.of("segment", "inspect", first.toString()).out())
                .contains("DAMAGED: the index is not this segment's");

        Files.delete(index(first));
        assertThat(CommandLineRun.of("segment", "inspect", first.toString()).out())
                .contains("DAMAGED: there is no index");
    }

    @Test
    void reindexLeavesAnIntactIndexAlone() throws IOException {
        byte[] before = Files.readAllBytes(index(first));

        var run = CommandLineRun.of("segment", "reindex", first.toString());

        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).contains("nothing to do");
        assertThat(Files.readAllBytes(index(first))).isEqualTo(before);
    }

    @Test
    void reindexRestoresALostIndexWithTheHelpOfTheOneBefore() throws IOException {
        byte[] before = Files.readAllBytes(index(second));
        Files.delete(index(second));

        var run = CommandLineRun.of("segment", "reindex", second.toString(), "--interval", "2");

        assertThat(run.exitCode()).isZero();
        assertThat(Files.readAllBytes(index(second))).isEqualTo(before);
        assertThat(CommandLineRun.of("segment", "inspect", second.toString()).exitCode())
                .isZero();
    }

    @Test
    void reindexReplacesATornIndexThoughNobodyKnowsTheTopicsId() throws IOException {
        Files.write(index(first), new byte[] {1, 2, 3});

        var run = CommandLineRun.of("segment", "reindex", first.toString(), "--output", "json");

        assertThat(JSON.readTree(run.out()).get("extension").asBoolean()).isFalse();
        assertThat(CommandLineRun.of("segment", "inspect", first.toString()).out())
                .contains("fits the segment; it has no extension");
        assertThat(CommandLineRun.of(
                                "segment", "reindex", first.toString(), "--topic-id", SampleObjects.TOPIC_ID.toString())
                        .exitCode())
                .isZero();
        assertThat(CommandLineRun.of("segment", "inspect", first.toString()).out())
                .contains("matches the segment");
    }

    @Test
    void reindexRefusesADamagedSegment() throws IOException {
        flip(first, 32 + 61 + 3);

        var run = CommandLineRun.of("segment", "reindex", first.toString(), "--force");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("segment body does not match its checksum")
                .doesNotContain("\tat ");
    }

    @Test
    void whatIsNoSegmentIsNamed() {
        assertThat(CommandLineRun.of(
                                "segment", "inspect", root.resolve("absent.kfs").toString())
                        .err())
                .contains("There is no object");
        assertThat(CommandLineRun.of("segment", "inspect", "README.md").err()).contains("is no segment");
        assertThat(CommandLineRun.of("segment", "inspect", "s3://bucket").err()).contains("write s3://bucket/key");
    }

    private static SegmentIndex write(Path path, long baseOffset, ProducerStateSnapshot before) throws IOException {
        var segment = SampleObjects.segment(baseOffset);
        var index = SampleObjects.index(segment, before);
        Files.write(path, SampleObjects.joined(segment.buffers()).array());
        ByteBuffer bytes = index.encode();
        byte[] array = new byte[bytes.remaining()];
        bytes.get(array);
        Files.write(index(path), array);
        return index;
    }

    private static Path index(Path kfs) {
        return kfs.resolveSibling(String.valueOf(kfs.getFileName()).replace(".kfs", ".index"));
    }

    private static void flip(Path path, int position) throws IOException {
        byte[] bytes = Files.readAllBytes(path);
        bytes[position] ^= 1;
        Files.write(path, bytes);
    }
}
