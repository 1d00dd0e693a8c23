package io.kafscale.app.settings;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ConfigurationPageTest {
    @Test
    void thePageInTheDocumentationIsTheOneTheTableGives() throws IOException {
        var page = Path.of("..", "docs", "configuration.md");

        assertThat(Files.readString(page))
                .as("docs/configuration.md is generated; run `make docs`")
                .isEqualTo(ConfigurationPage.markdown());
    }
}
