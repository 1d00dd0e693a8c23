package io.kafscale.broker.cluster;

import io.kafscale.broker.request.BrokerContext;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.FindCoordinatorResponseData.Coordinator;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.requests.FindCoordinatorRequest;
import org.apache.kafka.common.requests.FindCoordinatorRequest.CoordinatorType;
import org.apache.kafka.common.requests.FindCoordinatorResponse;
import org.apache.kafka.common.requests.RequestContext;

/**
 * Answers FindCoordinator from the plan: who should coordinate a group does, or is about to.
 *
 * <p>Asked for the coordinator of a transactional id it answers TRANSACTIONAL_ID_AUTHORIZATION_FAILED: every client takes that as
 * final, so {@code initTransactions()} fails at once instead of looking for a coordinator until it times out.
 */
public final class FindCoordinatorHandler {
    private static final String NO_TRANSACTIONS =
            "This cluster does not support transactions: use an idempotent producer without a transactional.id.";

    private final BrokerContext broker;

    /** A handler over the broker's image. */
    public FindCoordinatorHandler(BrokerContext broker) {
        this.broker = broker;
    }

    /** Answers at once. */
    public CompletableFuture<FindCoordinatorResponse> handle(RequestContext context, FindCoordinatorRequest request) {
        var data = new FindCoordinatorResponseData();
        byte type = request.data().keyType();
        if (context.apiVersion() >= FindCoordinatorRequest.MIN_BATCHED_VERSION) {
            for (String key : request.data().coordinatorKeys()) {
                data.coordinators().add(find(type, key));
            }
        } else {
            Coordinator found = find(type, request.data().key());
            data.setErrorCode(found.errorCode())
                    .setErrorMessage(found.errorMessage())
                    .setNodeId(found.nodeId())
                    .setHost(found.host())
                    .setPort(found.port());
        }
        return CompletableFuture.completedFuture(new FindCoordinatorResponse(data));
    }

    private Coordinator find(byte type, String key) {
        if (type == CoordinatorType.TRANSACTION.id()) {
            return failed(key, Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, NO_TRANSACTIONS);
        }
        if (type != CoordinatorType.GROUP.id()) {
            return failed(key, Errors.INVALID_REQUEST, "There are no coordinators of type " + type + ".");
        }
        Optional<Node> coordinator =
                broker.cluster().coordinator(broker.groups().shardOf(key));
        return coordinator
                .map(node -> new Coordinator()
                        .setKey(key)
                        .setErrorMessage(Errors.NONE.message())
                        .setNodeId(node.id())
                        .setHost(node.host())
                        .setPort(node.port()))
                .orElseGet(() -> failed(
                        key,
                        Errors.COORDINATOR_NOT_AVAILABLE,
                        "There is no broker that could coordinate the group at the moment."));
    }

    private static Coordinator failed(String key, Errors error, String message) {
        Node nobody = Node.noNode();
        return new Coordinator()
                .setKey(key)
                .setErrorCode(error.code())
                .setErrorMessage(message)
                .setNodeId(nobody.id())
                .setHost(nobody.host())
                .setPort(nobody.port());
    }
}
