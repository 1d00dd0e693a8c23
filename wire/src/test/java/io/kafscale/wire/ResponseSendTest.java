package io.kafscale.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.network.Send;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.requests.FetchResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ResponseSendTest {
    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @BeforeEach
    void printSeed() {
        System.out.println("seed " + seed);
    }

    /** Takes a random share of what it is offered, and may keep some of it back as TLS does. */
    private class MoodyChannel implements TransferableChannel {
        final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        final boolean keepsBack;
        int largestOffer;
        int pending;

        MoodyChannel(boolean keepsBack) {
            this.keepsBack = keepsBack;
        }

        @Override
        public boolean hasPendingWrites() {
            return pending > 0;
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            if (pending > 0) {
                pending--;
                return 0;
            }
            int offer = 0;
            for (int i = offset; i < offset + length; i++) {
                offer += sources[i].remaining();
            }
            largestOffer = Math.max(largestOffer, offer);
            int take = random.nextInt(3) == 0 ? random.nextInt(offer + 1) : offer;
            for (int left = take, i = offset; left > 0; i++) {
                byte[] bytes = new byte[Math.min(left, sources[i].remaining())];
                sources[i].get(bytes);
                taken.writeBytes(bytes);
                left -= bytes.length;
            }
            pending = keepsBack && take > 0 ? random.nextInt(3) : 0;
            return take;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return write(sources, 0, sources.length);
        }

        @Override
        public int write(ByteBuffer source) {
            return (int) write(new ByteBuffer[] {source});
        }

        @Override
        public long transferFrom(FileChannel file, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }

    private byte[] sentThrough(MoodyChannel channel, Send send) throws IOException {
        long written = 0;
        while (!send.completed()) {
            written += send.writeTo(channel);
        }
        assertThat(written).isEqualTo(send.size());
        return channel.taken.toByteArray();
    }

    private List<ByteBuffer> slices(int count, int maxBytes) {
        var slices = new ArrayList<ByteBuffer>();
        for (int i = 0; i < count; i++) {
            byte[] bytes = new byte[random.nextInt(maxBytes)];
            random.nextBytes(bytes);
            var buffer = random.nextBoolean()
                    ? ByteBuffer.allocateDirect(bytes.length + 7)
                    : ByteBuffer.allocate(bytes.length + 7);
            buffer.position(3).put(bytes).flip().position(3);
            slices.add(buffer);
        }
        return slices;
    }

    private static byte[] joined(List<ByteBuffer> slices) {
        var out = new ByteArrayOutputStream();
        for (ByteBuffer slice : slices) {
            byte[] bytes = new byte[slice.remaining()];
            slice.duplicate().get(bytes);
            out.writeBytes(bytes);
        }
        return out.toByteArray();
    }

    private static RequestContext fetchContext(int version) {
        return new RequestContext(
                new RequestHeader(ApiKeys.FETCH, (short) version, "c", 9),
                "id",
                InetAddress.getLoopbackAddress(),
                Optional.empty(),
                KafkaPrincipal.ANONYMOUS,
                new ListenerName("L"),
                SecurityProtocol.PLAINTEXT,
                ClientInformation.EMPTY,
                false);
    }

    private static FetchResponse response(List<List<ByteBuffer>> partitions, boolean gathered) {
        var data = new ArrayList<PartitionData>();
        for (List<ByteBuffer> slices : partitions) {
            data.add(new PartitionData()
                    .setPartitionIndex(data.size())
                    .setHighWatermark(5)
                    .setRecords(
                            gathered
                                    ? GatheredRecords.of(slices)
                                    : MemoryRecords.readableRecords(ByteBuffer.wrap(joined(slices)))));
        }
        return FetchResponse.of(new FetchResponseData()
                .setResponses(List.of(new FetchableTopicResponse()
                        .setTopic("t")
                        .setTopicId(new Uuid(1, 2))
                        .setPartitions(data))));
    }

    private byte[] encodedByKafka(RequestContext context, FetchResponse response) throws IOException {
        return sentThrough(new MoodyChannel(false), context.buildResponseSend(response));
    }

    @Test
    void bytesAreThoseOfKafkasOwnEncoderInEveryVersion() throws Exception {
        for (int version = 4; version <= ApiKeys.FETCH.latestVersion(); version++) {
            RequestContext context = fetchContext(version);
            var partitions = List.of(slices(3, 100), slices(0, 1), slices(1, 2000), slices(40, 50));
            byte[] expected = encodedByKafka(context, response(partitions, false));
            var send = ResponseSend.of(context, response(partitions, true));
            assertThat(sentThrough(new MoodyChannel(false), send)).isEqualTo(expected);
            assertThat(encodedByKafka(context, response(partitions, true))).isEqualTo(expected);
        }
    }

    @Test
    void partialWritesLoseAndRepeatNothing() throws Exception {
        for (int i = 0; i < 50; i++) {
            RequestContext context = fetchContext(12);
            var partitions = List.of(slices(5, 600_000), slices(1500, 20), slices(2, 300_000));
            byte[] expected = encodedByKafka(context, response(partitions, false));
            var channel = new MoodyChannel(i % 2 == 0);
            byte[] sent = sentThrough(channel, ResponseSend.of(context, response(partitions, true)));
            assertThat(sent).isEqualTo(expected);
            assertThat(channel.largestOffer).isLessThanOrEqualTo(BufferSequence.WRITE_BYTES);
        }
    }

    @Test
    void aSendOfRecordsAloneSurvivesPartialWritesToo() throws Exception {
        for (int i = 0; i < 50; i++) {
            List<ByteBuffer> slices = slices(20, 100_000);
            var records = GatheredRecords.of(slices);
            assertThat(records.sizeInBytes()).isEqualTo(joined(slices).length);
            assertThat(sentThrough(new MoodyChannel(i % 2 == 0), records.toSend()))
                    .isEqualTo(joined(slices));
        }
    }

    @Test
    void responsesThatLeaveTogetherAreTheSameBytesAndLeaveInOneWrite() throws Exception {
        RequestContext context = fetchContext(12);
        var expected = new ByteArrayOutputStream();
        var sends = new ArrayList<ResponseSend>();
        for (int i = 0; i < 5; i++) {
            var partitions = List.of(slices(3, 100), slices(1, 2000));
            expected.writeBytes(encodedByKafka(context, response(partitions, false)));
            sends.add(ResponseSend.of(context, response(partitions, true)));
        }
        // When
        var channel = new MoodyChannel(true);
        byte[] sent = sentThrough(channel, ResponseSend.joined(sends));
        // Then
        assertThat(sent).isEqualTo(expected.toByteArray());
        assertThat(channel.largestOffer).isEqualTo(sent.length);
    }

    @Test
    void oneTurnIsBounded() throws Exception {
        var all = new MoodyChannel(false) {
            @Override
            public long write(ByteBuffer[] sources, int offset, int length) {
                long bytes = 0;
                for (int i = offset; i < offset + length; i++) {
                    bytes += sources[i].remaining();
                    sources[i].position(sources[i].limit());
                }
                return bytes;
            }
        };
        var send = ResponseSend.of(fetchContext(12), response(List.of(List.of(ByteBuffer.allocate(10 << 20))), true));
        assertThat(send.writeTo(all)).isEqualTo(BufferSequence.TURN_BYTES);
        assertThat(send.completed()).isFalse();
    }
}
