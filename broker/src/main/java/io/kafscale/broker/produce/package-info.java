/**
 * The way in: {@link io.kafscale.broker.produce.ProduceHandler} takes a Produce request apart, {@link
 * io.kafscale.broker.produce.RecordValidation} checks each batch with Kafka's own validator under the topic's {@link
 * io.kafscale.broker.produce.RecordRules}, and what passes goes to {@link io.kafscale.log.LogService#append}, in request order and
 * on the calling network thread. {@link io.kafscale.broker.produce.InitProducerIdHandler} gives ids to idempotent producers.
 */
@NullMarked
package io.kafscale.broker.produce;

import org.jspecify.annotations.NullMarked;
