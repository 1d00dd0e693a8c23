package io.kafscale.log.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class TrimPositionTest {
    private final TrimPosition trim = new TrimPosition();

    @Test
    void isTheFirstObjectWithAChunkThatIsNeeded() {
        trim.built(1, 2);
        trim.built(2, 1);
        trim.built(3, 1);
        trim.covered(2);
        trim.covered(1);
        assertThat(trim.below(4)).isEqualTo(1);
        trim.covered(1);
        assertThat(trim.below(4)).isEqualTo(3);
        trim.covered(3);
        assertThat(trim.below(4)).isEqualTo(4);
        assertThat(trim.neededObjects()).isZero();
    }

    @Test
    void isNeverBeyondTheCommitPosition() {
        trim.built(1, 1);
        trim.built(2, 1);
        trim.covered(1);
        assertThat(trim.below(1)).isEqualTo(1);
        trim.covered(2);
        assertThat(trim.below(1)).isEqualTo(1);
    }

    @Test
    void refusesToCoverWhatIsCovered() {
        trim.built(1, 1);
        trim.covered(1);
        assertThatThrownBy(() -> trim.covered(1)).isInstanceOf(IllegalStateException.class);
    }
}
