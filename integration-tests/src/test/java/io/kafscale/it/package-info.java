/**
 * The broker as its users meet it: a process of its own, asked by unmodified clients and tools that are processes or libraries of
 * other people. {@link io.kafscale.it.broker.BrokerUnderTest} is that process; with {@code -Dit.broker=kafka} it is Apache Kafka
 * instead, which proves that a test asks for what Kafka does and not for what we do.
 *
 * <p>Tests with the tag {@code ecosystem} download whole frameworks and take minutes; {@code make test-ecosystem} runs them. A tool
 * that is missing fails its test and the message says how to install it; nothing is skipped, except in a run against Apache Kafka
 * what only we do.
 */
@NullMarked
package io.kafscale.it;

import org.jspecify.annotations.NullMarked;
