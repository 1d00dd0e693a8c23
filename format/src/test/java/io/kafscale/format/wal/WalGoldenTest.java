package io.kafscale.format.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.GoldenFile;
import org.junit.jupiter.api.Test;

/** What version 1 of each kind of WAL object looks like, forever. */
class WalGoldenTest {
    private static WalFooter read(String name, WalObject written) {
        var golden = GoldenFile.requireEqual(name, WalSamples.bytes(written));
        var footer = new WalObjectReader().parse(golden, name);
        assertThat(footer).isEqualTo(written.footer());
        assertThat(written.fingerprint().matches(golden)).isTrue();
        return footer;
    }

    @Test
    void theGenesis() {
        var genesis = (WalGenesis) read("wal-v1-genesis.wal", WalSamples.genesis());
        assertThat(genesis.clusterId()).isEqualTo("kafscale-prod-eu");
        assertThat(genesis.metadataRevision()).isEqualTo(123_456);
    }

    @Test
    void theData() {
        var data = (WalData) read("wal-v1-data.wal", WalSamples.data());
        assertThat(data.chunks()).extracting(WalChunk::leaderEpoch).containsExactly(5, 9, 6);
        assertThat(data.chunks()).extracting(WalChunk::lastOffset).containsExactly(1_001L, 77L, 1_002L);
    }

    @Test
    void theDataWithRepeatedDirectories() {
        var data = (WalData) read("wal-v1-data-consolidated.wal", WalSamples.consolidated());
        assertThat(data.consolidated())
                .extracting(directory -> directory.chunks().size())
                .containsExactly(0, 3);
    }

    @Test
    void theSeal() {
        var seal = (WalSeal) read("wal-v1-seal.wal", WalSamples.seal());
        assertThat(seal.sealer()).hasToString("4-21");
        assertThat(seal.header().commitPosition()).isEqualTo(2);
    }
}
