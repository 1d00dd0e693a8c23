package io.kafscale.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.EnumSet;
import java.util.Optional;
import org.apache.kafka.common.message.ApiMessageType;
import org.apache.kafka.common.message.DescribeAclsRequestData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.network.TransferableChannel;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.AbstractResponse;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.KafkaPrincipal;
import org.apache.kafka.common.security.auth.SecurityProtocol;
import org.junit.jupiter.api.Test;
import org.slf4j.helpers.NOPLogger;

/** Whatever goes wrong in a handler can be told to the client, in every API and version a client may use. */
class ErrorResponsesTest {
    private final ResponseEncoder encoder = new ResponseEncoder(new ThrottledLog(NOPLogger.NOP_LOGGER, () -> 0));
    private final Connection connection = connection();

    private static Connection connection() {
        var memory = new ConnectionMemory(new RequestMemory(RequestLimits.DEFAULTS), new ConnectionMemory.Events() {
            @Override
            public void memoryRefused() {}

            @Override
            public void memoryGranted() {}

            @Override
            public void receiveStarted() {}
        });
        return new Connection("c", InetAddress.getLoopbackAddress(), memory, RequestLimits.DEFAULTS);
    }

    private static ApiMessage body(ApiKeys api) {
        ApiMessage body = ApiMessageType.fromApiKey(api.id).newRequest();
        if (body instanceof ProduceRequestData produce) {
            produce.setAcks((short) -1);
        }
        if (body instanceof DescribeAclsRequestData acls) {
            acls.setResourceTypeFilter((byte) 1)
                    .setPatternTypeFilter((byte) 3)
                    .setOperation((byte) 1)
                    .setPermissionType((byte) 1);
        }
        return body;
    }

    private InFlightRequest failed(ApiKeys api, short version) {
        ByteBuffer frame = RawClient.frame(api, version, body(api), 7);
        frame.getInt();
        RequestHeader header = RequestHeader.parse(frame);
        var context = new RequestContext(
                header,
                "c",
                InetAddress.getLoopbackAddress(),
                Optional.empty(),
                KafkaPrincipal.ANONYMOUS,
                new ListenerName("L"),
                SecurityProtocol.PLAINTEXT,
                ClientInformation.EMPTY,
                false);
        AbstractRequest request = AbstractRequest.parseRequest(api, version, new ByteBufferAccessor(frame)).request;
        var inFlight = new InFlightRequest(connection, context, request, RequestBuffer.untracked(1), 0);
        inFlight.complete(null, new IllegalStateException("bug"), 0);
        return inFlight;
    }

    private static ByteBuffer bytes(ResponseSend send) throws Exception {
        ByteBuffer out = ByteBuffer.allocate((int) send.size());
        while (!send.completed()) {
            send.writeTo(new BufferChannel(out));
        }
        return out.flip();
    }

    @Test
    void everyApiInEveryVersionHasAnErrorResponse() throws Exception {
        int versions = 0;
        for (ApiKeys api : EnumSet.allOf(ApiKeys.class)) {
            if (!api.inScope(ApiMessageType.ListenerType.BROKER) || !api.hasValidVersion()) {
                continue;
            }
            for (short version : api.allVersions()) {
                InFlightRequest request = failed(api, version);
                assertThat(encoder.encode(request)).as(api + " " + version).isInstanceOf(ResponseEncoder.Write.class);
                var send = ((ResponseEncoder.Write) encoder.encode(request)).send();
                ByteBuffer frame = bytes(send);
                assertThat(frame.getInt()).isEqualTo(frame.remaining());
                AbstractResponse response = AbstractResponse.parseResponse(frame, request.context.header);
                assertThat(response.apiKey()).isEqualTo(api);
                versions++;
            }
        }
        assertThat(versions).isGreaterThan(250);
    }

    private record BufferChannel(ByteBuffer out) implements TransferableChannel {
        @Override
        public boolean hasPendingWrites() {
            return false;
        }

        @Override
        public long transferFrom(FileChannel file, long position, long count) {
            throw new UnsupportedOperationException();
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) {
            long bytes = 0;
            for (int i = offset; i < offset + length; i++) {
                bytes += write(sources[i]);
            }
            return bytes;
        }

        @Override
        public long write(ByteBuffer[] sources) {
            return write(sources, 0, sources.length);
        }

        @Override
        public int write(ByteBuffer source) {
            int bytes = source.remaining();
            out.put(source);
            return bytes;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
