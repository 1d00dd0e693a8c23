package io.kafscale.broker;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ProtocolPageTest {
    private static final Path PAGE = Path.of("..", "docs", "protocol.md");

    @Test
    void thePageSaysWhatTheCodeDoes() throws IOException {
        String rendered = ProtocolPage.render();
        if (Boolean.getBoolean("kafscale.docs.write")) {
            Files.writeString(PAGE, rendered);
        }
        assertThat(PAGE)
                .as("write it anew with -Dkafscale.docs.write=true")
                .content()
                .isEqualTo(rendered);
    }
}
