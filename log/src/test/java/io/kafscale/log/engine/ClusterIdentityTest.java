package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.ClusterObject;
import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalGenesis;
import io.kafscale.format.wal.WalHeader;
import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.ClusterStore;
import io.kafscale.metastore.cluster.NewTopic;
import io.kafscale.metastore.cluster.TopicStore;
import io.kafscale.objectstore.Payload;
import io.kafscale.objectstore.StorageException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterIdentityTest {
    private static final String KEY = "test/.cluster";

    private final TestCluster cluster = new TestCluster();

    @Test
    void bothHalvesAreMadeOnceAndFoundAgain() {
        // Given
        TestBroker first = cluster.started();
        first.close();
        byte[] identity = cluster.objects.bytes(KEY);
        // When
        cluster.started();
        // Then
        assertThat(cluster.objects.bytes(KEY)).isEqualTo(identity);
    }

    @Test
    void aFirstStartThatWasInterruptedIsFinished() {
        // Given
        cluster.storeFails("put", KEY);
        assertThat(refusal()).contains("cannot write " + KEY);
        cluster.objects.heal();
        // When
        TestBroker broker = cluster.started();
        // Then
        assertThat(broker.engine.session().incarnation().brokerEpoch()).isEqualTo(1);
    }

    @Test
    void topicsCreatedBeforeTheFirstBrokerWasUpKeepNoneFromStarting() {
        // Given
        cluster.storeFails("put", KEY);
        assertThat(refusal()).contains("cannot write " + KEY);
        cluster.objects.heal();
        var topics = new TopicStore(cluster.access());
        cluster.await(topics.create(new NewTopic("orders", 1, Map.of())));
        // When
        TestBroker broker = cluster.started();
        // Then
        assertThat(broker.engine.session().incarnation().brokerEpoch()).isEqualTo(1);
    }

    @Test
    void emptyMetadataOverABucketInUseIsRefused() {
        cluster.started().close();
        cluster.loseMetadata();
        assertThat(refusal())
                .startsWith("the metadata store embedded metadata in memory is empty, but recording (namespace test)"
                        + " belongs to cluster ")
                .endsWith(
                        "point metadata.uri at that cluster's metadata, rebuild it from the bucket with 'kafscale recover', or use another"
                                + " namespace or storage.uri");
    }

    @Test
    void metadataInUseOverAnEmptyBucketIsRefused() {
        cluster.started().close();
        emptyBucket();
        assertThat(refusal())
                .contains("which is in use, but recording (namespace test) has no cluster identity")
                .endsWith("storage.uri must name the bucket of that cluster");
        assertThat(cluster.objects.keys("")).isEmpty();
    }

    @Test
    void theMetadataOfAnotherClusterIsRefused() {
        cluster.started().close();
        cluster.objects.overwrite(KEY, bytes(new ClusterObject("another", 0)));
        assertThat(refusal())
                .startsWith("recording (namespace test) belongs to cluster another, but the metadata store")
                .endsWith("metadata.uri and storage.uri must name the two halves of one cluster");
    }

    @Test
    void metadataFromBeforeARestoreIsRefused() {
        TestBroker first = cluster.broker(1);
        ClusterRecord identity = cluster.await(first.start());
        first.close();
        cluster.objects.overwrite(KEY, bytes(new ClusterObject(identity.clusterId(), 1)));
        assertThat(refusal())
                .contains("it knows restore generation 0, the bucket 1")
                .endsWith("use the newest metadata, or bring it up to the bucket with 'kafscale recover'");
    }

    @Test
    void aBucketWithSomethingElseInItIsRefused() {
        cluster.objects.overwrite("test/somebody/else", new byte[3]);
        assertThat(refusal())
                .isEqualTo("recording (namespace test) holds objects (such as test/somebody/else) but no cluster"
                        + " identity: use another namespace, or empty it");
        assertThat(cluster.objects.keys("")).containsExactly("test/somebody/else");
    }

    @Test
    void whatTheStoreProbeLeftBehindIsNotSomethingElse() {
        cluster.objects.overwrite("test/.probe/1", new byte[3]);
        assertThat(cluster.await(cluster.broker(1).start()).restoreGeneration()).isZero();
    }

    @Test
    void anIdentityThatCannotBeReadIsNotTakenForNone() {
        cluster.started().close();
        cluster.storeFails("get", KEY);
        assertThat(refusal()).startsWith("cannot read " + KEY + " in recording: ");
    }

    @Test
    void metadataOlderThanAGenesisObjectIsRefused() {
        cluster.started().close();
        writeGenesis(new StreamId(1, 2), 1_000_000);
        assertThat(refusal())
                .contains("is older than the bucket recording")
                .contains("was written at revision 1000000")
                .endsWith(
                        "it was restored from an old copy; use the newest one, or bring it up to the bucket with 'kafscale"
                                + " recover'");
    }

    @Test
    void anEpochWhoseGenesisObjectIsThereIsRefusedWhateverRevisionThatSaw() {
        cluster.started().close();
        writeGenesis(new StreamId(1, 2), 1);
        assertThat(refusal()).contains("was written under a broker epoch that it has just given out");
    }

    @Test
    void metadataThatForgotACollectedStreamIsRefused() {
        // Given
        TestBroker first = cluster.broker(1);
        ClusterRecord identity = cluster.await(first.start());
        first.close();
        TestBroker second = cluster.started();
        cluster.advance(Duration.ofMinutes(3));
        assertThat(cluster.objects.keys("test/.wal/1-1/")).hasSize(1);
        second.close();
        // When
        cluster.loseMetadata();
        cluster.await(new ClusterStore(cluster.access()).createIfAbsent(identity));
        // Then
        assertThat(refusal()).contains("was written under a broker epoch that it has just given out");
    }

    @Test
    void aStoreThatIsDownIsReported() {
        cluster.storeDown();
        Throwable failure = cluster.failure(cluster.broker(1).start());
        assertThat(failure)
                .isInstanceOf(LogStartException.class)
                .hasCauseInstanceOf(StorageException.class)
                .hasMessageContaining("cannot read " + KEY);
    }

    private String refusal() {
        Throwable failure = cluster.failure(cluster.broker(1).start());
        assertThat(failure).isInstanceOf(LogStartException.class);
        return String.valueOf(failure.getMessage());
    }

    private void emptyBucket() {
        List<String> keys = cluster.objects.keys("");
        keys.forEach(cluster.objects::remove);
    }

    private void writeGenesis(StreamId stream, long revision) {
        var header = new WalHeader(WalHeader.Kind.GENESIS, stream, 0, 77, 0, 0);
        var payload = new Payload(new WalGenesis(header, "c", revision).encode().buffers(), () -> {});
        cluster.await(cluster.objects.putIfAbsent(cluster.layout.walKey(stream, 0), payload));
        payload.release();
    }

    private static byte[] bytes(ClusterObject identity) {
        ByteBuffer encoded = identity.encode();
        byte[] bytes = new byte[encoded.remaining()];
        encoded.get(bytes);
        return bytes;
    }
}
