package io.kafscale.wire;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.network.InvalidReceiveException;
import org.apache.kafka.common.network.Selector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ThrottledLogTest {
    private final Logger logger = (Logger) LoggerFactory.getLogger("throttled");
    private final ListAppender<ILoggingEvent> printed = new ListAppender<>();
    private long now;
    private final ThrottledLog log = new ThrottledLog(logger, () -> now);

    @BeforeEach
    void capture() {
        logger.setAdditive(false);
        printed.start();
        logger.addAppender(printed);
    }

    @AfterEach
    void release() {
        logger.detachAppender(printed);
    }

    private List<String> lines() {
        return printed.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    @Test
    void printsABurstThenOneASecondAndSaysWhatItLeftOut() {
        for (int i = 0; i < 100; i++) {
            log.info("line " + i);
        }
        assertThat(lines()).hasSize(10).startsWith("line 0").endsWith("line 9");
        now += TimeUnit.SECONDS.toNanos(1);
        log.info("a");
        log.info("b");
        assertThat(lines()).hasSize(11).endsWith("a (90 similar lines not printed)");
        now += TimeUnit.HOURS.toNanos(1);
        for (int i = 0; i < 100; i++) {
            log.info("again " + i);
        }
        assertThat(lines()).hasSize(21).contains("again 0 (1 similar lines not printed)", "again 9");
    }

    @Test
    void aFloodOfOneLevelHidesNoOther() {
        for (int i = 0; i < 100; i++) {
            log.info("client did something silly");
        }
        log.error("we did", new IllegalStateException());
        assertThat(lines()).endsWith("we did");
    }

    @Test
    void whatTheSelectorSaysOfABadFrameIsOneLine() {
        var selectorLogger = new SelectorLog("[network 0] ", log).logger(Selector.class);
        var badFrame = new InvalidReceiveException("Invalid receive (size = -5)");
        selectorLogger.warn("Unexpected error from {}; closing connection", "/1.2.3.4 (channelId=x)", badFrame);
        selectorLogger.warn(
                "Unexpected error from {}; closing connection", "/1.2.3.4", new IllegalStateException("bug"));
        assertThat(lines())
                .containsExactly(
                        "[network 0] Unexpected error from /1.2.3.4 (channelId=x); closing connection: "
                                + "Invalid receive (size = -5)",
                        "[network 0] Unexpected error from /1.2.3.4; closing connection");
        assertThat(printed.list.get(0).getThrowableProxy()).isNull();
        assertThat(printed.list.get(1).getThrowableProxy()).isNotNull();
        assertThat(printed.list.get(0).getLevel()).isEqualTo(Level.WARN);
    }
}
