package io.kafscale.broker.cluster;

import io.kafscale.broker.request.AuthorizedOperations;
import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ClusterView;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.message.DescribeClusterResponseData;
import org.apache.kafka.common.message.DescribeClusterResponseData.DescribeClusterBroker;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.DescribeClusterRequest;
import org.apache.kafka.common.requests.DescribeClusterResponse;

/** Answers DescribeCluster with the live brokers; there are no controllers to be described. */
public final class DescribeClusterHandler {
    private static final byte BROKERS = 1;
    private static final byte CONTROLLERS = 2;

    private final BrokerContext broker;

    /** A handler over the broker's image. */
    public DescribeClusterHandler(BrokerContext broker) {
        this.broker = broker;
    }

    /** Answers at once. */
    public CompletableFuture<DescribeClusterResponse> handle(DescribeClusterRequest request) {
        byte type = request.data().endpointType();
        if (type == CONTROLLERS) {
            return failed(
                    Errors.MISMATCHED_ENDPOINT_TYPE,
                    "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER");
        }
        if (type != BROKERS) {
            return failed(Errors.UNSUPPORTED_ENDPOINT_TYPE, "Unsupported endpoint type " + type);
        }
        ClusterView cluster = broker.cluster();
        var data = new DescribeClusterResponseData()
                .setClusterId(broker.settings().clusterId())
                .setControllerId(cluster.controllerId())
                .setEndpointType(BROKERS);
        for (Node node : cluster.nodes()) {
            data.brokers()
                    .add(new DescribeClusterBroker()
                            .setBrokerId(node.id())
                            .setHost(node.host())
                            .setPort(node.port())
                            .setRack(node.rack()));
        }
        if (request.data().includeClusterAuthorizedOperations()) {
            data.setClusterAuthorizedOperations(AuthorizedOperations.CLUSTER);
        }
        return CompletableFuture.completedFuture(new DescribeClusterResponse(data));
    }

    private static CompletableFuture<DescribeClusterResponse> failed(Errors error, String message) {
        return CompletableFuture.completedFuture(new DescribeClusterResponse(
                new DescribeClusterResponseData().setErrorCode(error.code()).setErrorMessage(message)));
    }
}
