package io.kafscale.broker.produce;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.broker.request.ErrorMapping;
import io.kafscale.metastore.MetadataException;
import io.kafscale.runtime.FutureFailure;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.requests.InitProducerIdRequest;
import org.apache.kafka.common.requests.InitProducerIdResponse;

/**
 * Answers InitProducerId for idempotent producers: each call gets an id that nobody ever had, with epoch 0, also one that names an
 * id and epoch it had before (KIP-360), as Kafka does without a transactional id.
 *
 * <p>A transactional id gets TRANSACTIONAL_ID_AUTHORIZATION_FAILED, which every client takes as final: there are no transactions.
 */
public final class InitProducerIdHandler {
    private final BrokerContext broker;
    private final ErrorMapping errors;

    /** A handler that gives out the broker's producer ids. */
    public InitProducerIdHandler(BrokerContext broker) {
        this.broker = broker;
        this.errors = broker.errors();
    }

    /** Answers with an id, or says why there is none now. */
    public CompletableFuture<InitProducerIdResponse> handle(InitProducerIdRequest request) {
        if (request.data().transactionalId() != null) {
            Errors error = request.data().transactionalId().isEmpty()
                    ? Errors.INVALID_REQUEST
                    : Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
            return CompletableFuture.completedFuture(failed(error));
        }
        boolean hasId = request.data().producerId() != RecordBatch.NO_PRODUCER_ID;
        boolean hasEpoch = request.data().producerEpoch() != RecordBatch.NO_PRODUCER_EPOCH;
        if (hasId != hasEpoch) {
            return CompletableFuture.completedFuture(failed(Errors.INVALID_REQUEST));
        }
        return broker.producerIds()
                .next()
                .handle((id, failure) -> failure == null ? given(id) : failed(errorOf(failure)));
    }

    private Errors errorOf(Throwable failure) {
        // What Kafka answers while it waits for a block of ids: clients retry it.
        return FutureFailure.cause(failure) instanceof MetadataException
                ? Errors.COORDINATOR_LOAD_IN_PROGRESS
                : errors.of(failure);
    }

    private static InitProducerIdResponse given(long producerId) {
        return new InitProducerIdResponse(
                new InitProducerIdResponseData().setProducerId(producerId).setProducerEpoch((short) 0));
    }

    private static InitProducerIdResponse failed(Errors error) {
        return new InitProducerIdResponse(new InitProducerIdResponseData()
                .setErrorCode(error.code())
                .setProducerId(RecordBatch.NO_PRODUCER_ID)
                .setProducerEpoch(RecordBatch.NO_PRODUCER_EPOCH));
    }
}
