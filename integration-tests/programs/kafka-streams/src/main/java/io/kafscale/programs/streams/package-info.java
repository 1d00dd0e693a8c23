/** A word count in Kafka Streams, with the settings that Kafka Streams has by default. */
package io.kafscale.programs.streams;
