package io.kafscale.app.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.BufferSupplier;
import org.apache.kafka.common.utils.ByteBufferOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NativeCodecsTest {
    private static Set<String> mappings() throws Exception {
        var lines = new TreeSet<String>();
        for (String mapping : Files.readAllLines(Path.of("/proc/self/maps"))) {
            if (mapping.contains("snappy") || mapping.contains("liblz4-java")) {
                lines.add(mapping.substring(mapping.indexOf('/')));
            }
        }
        return lines;
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void theyAreLoadedAndTheirFilesAreGone() throws Exception {
        NativeCodecs.load();
        assertThat(NativeCodecs.unpacked()).isEmpty();
        assertThat(mappings())
                .anyMatch(mapping -> mapping.contains("snappy"))
                .anyMatch(mapping -> mapping.contains("lz4"))
                .allMatch(mapping -> mapping.endsWith("(deleted)"));
    }

    @ParameterizedTest
    @EnumSource(CompressionType.class)
    void theyWorkWithoutTheirFiles(CompressionType codec) throws Exception {
        NativeCodecs.load();
        byte[] text = "records ".repeat(1_000).getBytes(StandardCharsets.US_ASCII);
        var compressed = new ByteBufferOutputStream(512);
        try (var out = Compression.of(codec).build().wrapForOutput(compressed, RecordBatch.MAGIC_VALUE_V2)) {
            out.write(text);
        }
        compressed.buffer().flip();
        try (var in = Compression.of(codec)
                .build()
                .wrapForInput(compressed.buffer(), RecordBatch.MAGIC_VALUE_V2, BufferSupplier.NO_CACHING)) {
            assertThat(in.readAllBytes()).isEqualTo(text);
        }
    }
}
