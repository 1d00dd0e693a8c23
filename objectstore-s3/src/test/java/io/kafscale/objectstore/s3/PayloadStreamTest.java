package io.kafscale.objectstore.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.objectstore.Payload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class PayloadStreamTest {
    private final Payload payload = Payload.of(
            bytes("xxhello").position(2),
            bytes(""),
            bytes(", "),
            ByteBuffer.allocateDirect(3),
            bytes("world"),
            bytes(""));

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void theSlicesAreReadInOrder() throws IOException {
        var stream = new PayloadStream(payload);
        assertThat(stream.readAllBytes()).asString(StandardCharsets.US_ASCII).isEqualTo("hello, \0\0\0world");
        assertThat(stream.read()).isEqualTo(-1);
        assertThat(stream.read(new byte[5], 0, 5)).isEqualTo(-1);
        assertThat(stream.available()).isZero();
    }

    @Test
    void itRewindsToWhereItWasMarkedFromAnywhere() throws IOException {
        for (int mark = 0; mark <= payload.length(); mark++) {
            for (int read = 0; read <= payload.length() - mark; read++) {
                var stream = new PayloadStream(payload);
                stream.skipNBytes(mark);
                stream.mark(1 << 20);
                stream.skipNBytes(read);
                // When
                stream.reset();
                // Then
                assertThat(stream.readAllBytes())
                        .asString(StandardCharsets.US_ASCII)
                        .isEqualTo("hello, \0\0\0world".substring(mark));
                stream.reset();
                assertThat(stream.readAllBytes()).hasSize((int) payload.length() - mark);
            }
        }
    }

    @Test
    void withoutAMarkItRewindsToTheStart() throws IOException {
        var stream = new PayloadStream(payload);
        stream.readAllBytes();
        // When
        stream.reset();
        // Then
        assertThat(stream.read()).isEqualTo('h');
    }

    @Test
    void anEmptyPayloadIsAnEmptyStream() throws IOException {
        var stream = new PayloadStream(Payload.of());
        stream.reset();
        assertThat(stream.readAllBytes()).isEmpty();
    }
}
