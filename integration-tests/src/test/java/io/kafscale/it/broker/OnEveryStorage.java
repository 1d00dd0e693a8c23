package io.kafscale.it.broker;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ArgumentsSource;

/**
 * A test class that runs once for each storage: its constructor gets a {@link BrokerUnderTest}, which all of its tests share. In a
 * run against Apache Kafka it runs once.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ParameterizedClass(name = "{0}")
@ArgumentsSource(LaunchedBrokers.OnEachStorage.class)
public @interface OnEveryStorage {}
