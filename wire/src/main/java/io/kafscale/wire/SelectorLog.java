package io.kafscale.wire;

import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.network.Selector;
import org.apache.kafka.common.utils.LogContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/**
 * Gives Kafka's selector a log that a client cannot flood: what the selector says about connections goes through a
 * {@link ThrottledLog}, and what a client did wrong (a bad frame, a failed authentication) is one line rather than a stack trace.
 */
final class SelectorLog extends LogContext {
    private final ThrottledLog throttled;

    SelectorLog(String prefix, ThrottledLog throttled) {
        super(prefix);
        this.throttled = throttled;
    }

    @Override
    public Logger logger(Class<?> clazz) {
        return clazz == Selector.class
                ? new ThrottledLogger(LoggerFactory.getLogger(clazz), logPrefix(), throttled)
                : super.logger(clazz);
    }

    private static final class ThrottledLogger extends LegacyAbstractLogger {
        private final transient Logger plain;
        private final String prefix;
        private final transient ThrottledLog throttled;

        ThrottledLogger(Logger plain, String prefix, ThrottledLog throttled) {
            this.name = plain.getName();
            this.plain = plain;
            this.prefix = prefix;
            this.throttled = throttled;
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level,
                @Nullable Marker marker,
                String messagePattern,
                Object @Nullable [] arguments,
                @Nullable Throwable throwable) {
            String message = prefix + MessageFormatter.basicArrayFormat(messagePattern, arguments);
            if (level.toInt() < Level.INFO.toInt()) {
                plain.atLevel(level).setCause(throwable).log(message);
            } else if (throwable instanceof KafkaException) {
                throttled.print(level, message + ": " + throwable.getMessage(), null);
            } else {
                throttled.print(level, message, throwable);
            }
        }

        @Override
        protected @Nullable String getFullyQualifiedCallerName() {
            return null;
        }

        @Override
        public boolean isTraceEnabled() {
            return plain.isTraceEnabled();
        }

        @Override
        public boolean isDebugEnabled() {
            return plain.isDebugEnabled();
        }

        @Override
        public boolean isInfoEnabled() {
            return plain.isInfoEnabled();
        }

        @Override
        public boolean isWarnEnabled() {
            return plain.isWarnEnabled();
        }

        @Override
        public boolean isErrorEnabled() {
            return plain.isErrorEnabled();
        }
    }
}
