package io.kafscale.log.wal;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.wal.WalGenesis;
import io.kafscale.format.wal.WalObjectReader;
import io.kafscale.log.wal.ScriptedStore.Script;
import io.kafscale.objectstore.StorageException.Kind;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class WalStreamsTest {
    @Test
    void aStreamStartsWithItsGenesisObject() {
        var wal = new WalHarness(WalHarness.UNLIMITED);
        // When
        var created = wal.await(wal.create(WalHarness.STREAM));
        // Then
        assertThat(created).isPresent();
        assertThat(created.orElseThrow().commitPosition()).isEqualTo(1);
        byte[] bytes = wal.objects.objects().get(wal.key(0));
        assertThat(bytes).isNotNull();
        assertThat(new WalObjectReader().parse(ByteBuffer.wrap(bytes), "genesis"))
                .isInstanceOfSatisfying(WalGenesis.class, genesis -> {
                    assertThat(genesis.clusterId()).isEqualTo("cluster");
                    assertThat(genesis.metadataRevision()).isEqualTo(17);
                });
    }

    @Test
    void anEpochThatWasUsedIsTaken() {
        var wal = new WalHarness(WalHarness.UNLIMITED);
        assertThat(wal.await(wal.create(WalHarness.STREAM))).isPresent();
        assertThat(wal.await(wal.create(WalHarness.STREAM))).isEmpty();
        assertThat(wal.await(wal.create(WalHarness.SUCCESSOR))).isPresent();
    }

    @Test
    void ourOwnGenesisIsRecognisedWhenItsReplyWasLost() {
        var wal = new WalHarness(WalHarness.UNLIMITED);
        wal.objects.puts(put -> put.attempt() <= 1 ? Script.landsButFails(Kind.OUTCOME_UNKNOWN) : Script.succeeds());
        assertThat(wal.await(wal.create(WalHarness.STREAM))).isPresent();
    }

    @Test
    void givingUpEndsTheRetries() {
        var wal = new WalHarness(WalHarness.UNLIMITED);
        wal.objects.puts(_ -> Script.fails(Kind.DENIED));
        var created = wal.create(WalHarness.STREAM);
        wal.advanceMs(10_000);
        // When
        created.cancel(false);
        wal.objects.requests().clear();
        wal.advanceMs(60_000);
        // Then
        assertThat(wal.objects.requests()).isEmpty();
        assertThat(wal.time.pending()).isZero();
    }
}
