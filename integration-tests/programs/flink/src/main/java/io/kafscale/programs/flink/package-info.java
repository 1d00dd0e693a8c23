/** Flink jobs that read from Kafka and write to it, each with a cluster of its own in the same process. */
package io.kafscale.programs.flink;
