package io.kafscale.it.broker;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** Something in which we differ from Apache Kafka on purpose: left out of a run against Apache Kafka. */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@DisabledIfSystemProperty(
        named = "it.broker",
        matches = "kafka",
        disabledReason = "differs from Apache Kafka on purpose")
public @interface OnlyKafscale {}
