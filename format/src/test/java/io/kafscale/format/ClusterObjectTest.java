package io.kafscale.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What version 1 of the cluster object looks like, forever, and what is none. */
class ClusterObjectTest {
    private static final String KEY = "default/.cluster";
    private static final String WHOLE = "kafscale-cluster 1\ncluster-id abc\nrestore-generation 0\n";

    @Test
    void theGoldenFile() {
        var written = new ClusterObject("4L6g3nShT-eMCtK--X86sw", 3);

        var golden = GoldenFile.requireEqual("cluster-v1.txt", written.encode());

        assertThat(ClusterObject.parse(golden, KEY)).isEqualTo(written);
    }

    @Test
    void theLargestFitsWhatReadersFetch() {
        var largest = new ClusterObject("x".repeat(64), 999_999_999);

        assertThat(largest.encode().remaining()).isLessThanOrEqualTo(ClusterObject.MAX_BYTES);
        assertThat(ClusterObject.parse(largest.encode(), KEY)).isEqualTo(largest);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "kafscale-cluster 2\ncluster-id abc\nrestore-generation 0\n",
                "kafscale-cluster 1\ncluster-id abc\nrestore-generation 0",
                "kafscale-cluster 1\r\ncluster-id abc\r\nrestore-generation 0\r\n",
                "kafscale-cluster 1\ncluster-id \nrestore-generation 0\n",
                "kafscale-cluster 1\ncluster-id a/c\nrestore-generation 0\n",
                "kafscale-cluster 1\ncluster-id abc\nrestore-generation 00\n",
                "kafscale-cluster 1\ncluster-id abc\nrestore-generation -1\n",
                "kafscale-cluster 1\ncluster-id abc\nrestore-generation 1000000000\n",
                "kafscale-cluster 1\nrestore-generation 0\ncluster-id abc\n",
                "kafscale-cluster 1\ncluster-id abc\nrestore-generation 0\n\n",
                " kafscale-cluster 1\ncluster-id abc\nrestore-generation 0\n"
            })
    void anythingElseIsRefused(String text) {
        assertRefused(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void everyCutIsRefused() {
        byte[] whole = WHOLE.getBytes(StandardCharsets.US_ASCII);
        assertThat(ClusterObject.parse(ByteBuffer.wrap(whole), KEY)).isEqualTo(new ClusterObject("abc", 0));

        for (int length = 0; length < whole.length; length++) {
            assertRefused(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void impossibleIdentitiesAreNotWritten() {
        assertThatIllegalArgumentException().isThrownBy(() -> new ClusterObject("", 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new ClusterObject("x".repeat(65), 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new ClusterObject("a b", 0));
        assertThatIllegalArgumentException().isThrownBy(() -> new ClusterObject("abc", -1));
        assertThatIllegalArgumentException().isThrownBy(() -> new ClusterObject("abc", 1_000_000_000));
    }

    private static void assertRefused(byte[] bytes) {
        assertThatExceptionOfType(CorruptObjectException.class)
                .isThrownBy(() -> ClusterObject.parse(ByteBuffer.wrap(bytes), KEY))
                .withMessageContaining(KEY);
    }
}
