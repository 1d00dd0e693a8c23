/**
 * Measures this broker and Apache Kafka side by side: same machine, same run, same clients, same heap.
 *
 * <p>{@link io.kafscale.benchmarks.Benchmark} is the program that {@code benchmarks/run.sh} and {@code make bench} start. It starts one
 * broker of each kind ({@link io.kafscale.benchmarks.BrokerProcess}), warms both up ({@link io.kafscale.benchmarks.Bench}), and takes
 * them through the {@link io.kafscale.benchmarks.Plan} alternately: for each {@link io.kafscale.benchmarks.Workload} Kafka's own
 * {@code kafka-producer-perf-test} and {@code kafka-consumer-perf-test} ({@link io.kafscale.benchmarks.PerformanceTools}) run against
 * one broker, then against the other, while what the broker spends is read from the operating system. Medians over the rounds become
 * {@code docs/benchmarks.md} ({@link io.kafscale.benchmarks.Report}).
 *
 * <p>Nothing here is part of the product, and nothing of the product is linked in: the brokers are driven as anybody drives them.
 */
@NullMarked
package io.kafscale.benchmarks;

import org.jspecify.annotations.NullMarked;
