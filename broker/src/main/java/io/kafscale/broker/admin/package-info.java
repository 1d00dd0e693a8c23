/**
 * Administration: topics, configs, and what operators look at.
 *
 * <p>{@link io.kafscale.broker.admin.TopicConfigs} knows every topic config of Kafka and what becomes of it here: honoured, true by
 * construction, or refused with the reason; none is stored and ignored. {@link io.kafscale.broker.admin.TopicCreation} writes a topic
 * and waits until it can be used. The handlers write through {@link io.kafscale.metastore.cluster.TopicStore} and answer when this
 * broker's image shows what they wrote.
 */
@NullMarked
package io.kafscale.broker.admin;

import org.jspecify.annotations.NullMarked;
