package io.kafscale.wire;

import java.nio.ByteBuffer;
import java.util.Optional;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.UnsupportedVersionException;
import org.apache.kafka.common.network.ClientInformation;
import org.apache.kafka.common.network.KafkaChannel;
import org.apache.kafka.common.network.ListenerName;
import org.apache.kafka.common.requests.AbstractRequest;
import org.apache.kafka.common.requests.ApiVersionsRequest;
import org.apache.kafka.common.requests.RequestContext;
import org.apache.kafka.common.requests.RequestHeader;
import org.apache.kafka.common.security.auth.SecurityProtocol;

/** Turns the bytes of a request into a request. Stateless, any thread. */
final class RequestIntake {
    /** A request and what is known about who sent it. */
    record Parsed(RequestContext context, AbstractRequest request) {}

    private final ListenerName listener;
    private final SecurityProtocol protocol;
    private final ApiVersionTable versions;

    RequestIntake(ListenerSettings settings, ApiVersionTable versions) {
        this.listener = ListenerName.normalised(settings.name());
        this.protocol = settings.protocol();
        this.versions = versions;
    }

    /**
     * Reads the header, and lets only served APIs and versions pass. For all others Kafka has no answer but to close
     * the connection: it cannot know the layout of a header or a response it does not have.
     *
     * @throws InvalidRequestException if this is no header, or of an API that is not served
     * @throws UnsupportedVersionException if the version is not served
     */
    RequestHeader header(ByteBuffer payload) {
        RequestHeader header = RequestHeader.parse(payload);
        if (versions.isServed(header.apiKey(), header.apiVersion())) {
            return header;
        }
        if (!versions.apis().contains(header.apiKey())) {
            throw new InvalidRequestException("request of " + header.apiKey() + ", which is not served");
        }
        throw new UnsupportedVersionException(
                "request of " + header.apiKey() + " in version " + header.apiVersion() + ", which is not served");
    }

    /**
     * Reads the body, and notes which client software this is where the request says so (KIP-511).
     *
     * @throws InvalidRequestException if this is not what the header says
     */
    Parsed body(KafkaChannel channel, RequestHeader header, ByteBuffer payload) {
        ClientInformation known = channel.channelMetadataRegistry().clientInformation();
        var context = new RequestContext(
                header,
                channel.id(),
                channel.socketAddress(),
                Optional.of(channel.socketPort()),
                channel.principal(),
                listener,
                protocol,
                known == null ? ClientInformation.EMPTY : known,
                false);
        AbstractRequest request = context.parseRequest(payload).request;
        if (request instanceof ApiVersionsRequest hello && hello.isValid()) {
            channel.channelMetadataRegistry()
                    .registerClientInformation(new ClientInformation(
                            hello.data().clientSoftwareName(), hello.data().clientSoftwareVersion()));
        }
        return new Parsed(context, request);
    }
}
