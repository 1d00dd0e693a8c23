/**
 * What is built on Kafka against the broker: Kafka Streams, Kafka Connect, Flink, Spark, unmodified and with their default settings.
 * Each runs as the process that its user would start, from a module of {@code programs}. All tests here have the tag
 * {@code ecosystem}.
 */
@NullMarked
package io.kafscale.it.ecosystem;

import org.jspecify.annotations.NullMarked;
