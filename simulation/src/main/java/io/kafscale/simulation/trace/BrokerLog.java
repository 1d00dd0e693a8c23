package io.kafscale.simulation.trace;

import org.jspecify.annotations.Nullable;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;
import org.slf4j.helpers.NOPMDCAdapter;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * What the broker's code logs goes into the {@link Trace} of the history that the thread lives through, if that keeps its lines, and
 * nowhere else. Found by SLF4J as a service. Thread-safe.
 */
public final class BrokerLog implements SLF4JServiceProvider {
    private final ILoggerFactory loggers = TraceLogger::new;
    private final IMarkerFactory markers = new BasicMarkerFactory();
    private final MDCAdapter context = new NOPMDCAdapter();

    @Override
    public ILoggerFactory getLoggerFactory() {
        return loggers;
    }

    @Override
    public IMarkerFactory getMarkerFactory() {
        return markers;
    }

    @Override
    public MDCAdapter getMDCAdapter() {
        return context;
    }

    @Override
    public String getRequestedApiVersion() {
        return "2.0.99";
    }

    @Override
    public void initialize() {
        // everything is there from the start
    }

    /** The logger of one class. */
    private static final class TraceLogger extends LegacyAbstractLogger implements Logger {
        private static final long serialVersionUID = 1;

        TraceLogger(String name) {
            this.name = name.substring(name.lastIndexOf('.') + 1);
        }

        @Override
        public boolean isTraceEnabled() {
            return false;
        }

        @Override
        public boolean isDebugEnabled() {
            return Trace.current().isPresent();
        }

        @Override
        public boolean isInfoEnabled() {
            return Trace.current().isPresent();
        }

        @Override
        public boolean isWarnEnabled() {
            return Trace.current().isPresent();
        }

        @Override
        public boolean isErrorEnabled() {
            return Trace.current().isPresent();
        }

        @Override
        protected void handleNormalizedLoggingCall(
                Level level,
                @Nullable Marker marker,
                String pattern,
                Object @Nullable [] arguments,
                @Nullable Throwable thrown) {
            String text = MessageFormatter.basicArrayFormat(pattern, arguments);
            String cause = thrown == null ? "" : " (" + thrown + ")";
            Trace.current().ifPresent(trace -> trace.log(level + " " + name + ": " + text + cause));
        }

        @Override
        protected @Nullable String getFullyQualifiedCallerName() {
            return null;
        }
    }
}
