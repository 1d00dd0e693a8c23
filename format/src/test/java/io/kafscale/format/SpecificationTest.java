package io.kafscale.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The annotated bytes in the specification are those of the golden files. */
class SpecificationTest {
    /** Position, bytes, and behind at least two spaces what they mean. */
    private static final Pattern LINE = Pattern.compile("(?m)^([0-9a-f]{4})  ((?:[0-9a-f]{2,} ?)+?)(?:…| {2,}|$).*$");

    @Test
    void everyAnnotatedByteIsThere() throws IOException {
        String specification = Files.readString(Path.of("..", "docs", "storage-format.md"));
        String section = specification.substring(specification.lastIndexOf("\n## 10."));
        int second = section.indexOf("Its index");

        assertThat(annotated(section.substring(0, second), "segment-v1.kfs")).hasSizeGreaterThan(10);
        assertThat(annotated(section.substring(second), "segment-v1.index")).hasSizeGreaterThan(10);
    }

    private static List<MatchResult> annotated(String dump, String golden) throws IOException {
        byte[] file = Files.readAllBytes(Path.of("src", "test", "resources", "golden", golden));
        var lines = LINE.matcher(dump).results().toList();
        for (MatchResult line : lines) {
            int position = Integer.parseInt(line.group(1), 16);
            byte[] bytes = HexFormat.of().parseHex(line.group(2).replace(" ", ""));
            assertThat(Arrays.copyOfRange(file, position, position + bytes.length))
                    .as(line.group())
                    .isEqualTo(bytes);
        }
        return lines;
    }
}
