package io.kafscale.broker.request;

import io.kafscale.runtime.TimeSource;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Time;

/** Our clock in Kafka's type, for Kafka's code that labels with it. It cannot wait. Thread-safe. */
public record KafkaTime(TimeSource source) implements Time {
    @Override
    public long milliseconds() {
        return source.wallClockMs();
    }

    @Override
    public long nanoseconds() {
        return source.nanoTime();
    }

    @Override
    public void sleep(long ms) {
        throw new UnsupportedOperationException("request handlers do not sleep");
    }

    @Override
    public void waitObject(Object object, Supplier<Boolean> condition, long deadlineMs) {
        throw new UnsupportedOperationException("request handlers do not wait");
    }
}
