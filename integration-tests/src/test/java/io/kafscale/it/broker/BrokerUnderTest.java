package io.kafscale.it.broker;

/**
 * A broker as a process of its own on the loopback address, which keeps its port and its data over restarts. Not thread-safe,
 * except {@link #kill()}.
 */
public interface BrokerUnderTest extends AutoCloseable {
    /** {@code host:port}, the same over restarts. */
    String bootstrapServers();

    /** Whether this is Apache Kafka itself. */
    boolean isApacheKafka();

    /** Starts it again after {@link #kill()} or {@link #stop()}; returns when it answers clients. */
    default void start() {
        launch();
        awaitReady();
    }

    /** Starts it again and waits for nothing. */
    void launch();

    /** Waits until it answers clients; fails if it ends instead. */
    void awaitReady();

    /** {@code kill -9}; returns when it is dead. */
    void kill();

    /** Asks it to end (SIGTERM) and waits until it has. */
    void stop();

    /** The memory that the process holds now, in bytes. */
    long residentBytes();

    /** Kills it and deletes its data. */
    @Override
    void close();
}
