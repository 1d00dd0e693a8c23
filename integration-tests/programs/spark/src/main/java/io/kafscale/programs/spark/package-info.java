/** A Spark job that reads from Kafka and writes to it, with its executor in the same process. */
package io.kafscale.programs.spark;
