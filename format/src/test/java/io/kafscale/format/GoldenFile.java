package io.kafscale.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file whose bytes are forever. What the code writes today is left in {@code target/golden}; a new golden file is copied
 * from there by hand, an existing one is never replaced.
 */
public final class GoldenFile {
    private GoldenFile() {}

    /** Checks that these are the bytes of the golden file, and returns the golden file. */
    public static ByteBuffer requireEqual(String name, ByteBuffer written) {
        try {
            Path today = Path.of("target", "golden", name);
            Files.createDirectories(today.getParent());
            Files.write(today, RandomBatches.bytes(written));
            try (var golden = GoldenFile.class.getResourceAsStream("/golden/" + name)) {
                if (golden == null) {
                    return fail("there is no golden file " + name);
                }
                byte[] bytes = golden.readAllBytes();
                assertThat(RandomBatches.bytes(written)).as(name).isEqualTo(bytes);
                return ByteBuffer.wrap(bytes);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
