package io.kafscale.format.wal;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.kafscale.format.RandomBatches;
import io.kafscale.format.RecordBatchEncoder;
import io.kafscale.format.StreamId;
import io.kafscale.format.wal.WalHeader.Kind;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;

/** A small stream: genesis, three objects with data, seal. Golden files hold its bytes: never change it. */
final class WalSamples {
    static final StreamId STREAM = new StreamId(3, 17);
    static final UUID ORDERS = UUID.fromString("00112233-4455-6677-8899-aabbccddeeff");
    static final UUID CLICKS = UUID.fromString("ffeeddcc-bbaa-9988-7766-554433221100");

    private WalSamples() {}

    static WalObject genesis() {
        var header = new WalHeader(Kind.GENESIS, STREAM, 0, 0x1111111111111111L, 0, 0);
        return new WalGenesis(header, "kafscale-prod-eu", 123_456).encode();
    }

    /** One partition under one epoch, another under two. */
    static WalObject data() {
        var builder = new WalObjectBuilder();
        builder.append(orders(5), order(1_000, 5, 0));
        builder.append(
                new ChunkKey(CLICKS, "clicks", 0, 9),
                RecordBatchEncoder.at(77)
                        .leaderEpoch(9)
                        .add(-1, null, "c".getBytes(UTF_8))
                        .encode());
        builder.append(orders(5), order(1_001, 5, 1));
        builder.append(orders(6), order(1_002, 6, 2));
        return builder.build(new WalHeader(Kind.DATA, STREAM, 1, 0x2222222222222222L, 0, 1), List.of());
    }

    /** Repeats the directories of the objects before it. */
    static WalObject consolidated() {
        var builder = new WalObjectBuilder();
        builder.append(orders(6), order(1_003, 6, 3));
        var earlier =
                List.of(new WalDirectory(0, List.of()), new WalDirectory(1, ((WalData) data().footer()).chunks()));
        return builder.build(new WalHeader(Kind.DATA, STREAM, 2, 0x3333333333333333L, 1, 1), earlier);
    }

    static WalObject seal() {
        var header = new WalHeader(Kind.SEAL, STREAM, 3, 0x4444444444444444L, 1, 2);
        return new WalSeal(header, new StreamId(4, 21)).encode();
    }

    private static ChunkKey orders(int leaderEpoch) {
        return new ChunkKey(ORDERS, "orders", 3, leaderEpoch);
    }

    private static ByteBuffer order(long offset, int leaderEpoch, int sequence) {
        return RecordBatchEncoder.at(offset)
                .leaderEpoch(leaderEpoch)
                .producer(4_711, 2, sequence)
                .add(1_700_000_000_000L + offset, "order".getBytes(UTF_8), "{}".getBytes(UTF_8))
                .encode();
    }

    static ByteBuffer bytes(WalObject object) {
        return RandomBatches.joined(object.buffers());
    }
}
