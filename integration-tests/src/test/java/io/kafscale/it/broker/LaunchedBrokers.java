package io.kafscale.it.broker;

import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.ArgumentsProvider;
import org.junit.jupiter.params.support.ParameterDeclarations;

/** Brokers as arguments of test classes: each is launched when its turn comes, and closed by JUnit after it. */
final class LaunchedBrokers {
    private LaunchedBrokers() {}

    private static Stream<Arguments> launched(Stream<Supplier<BrokerUnderTest>> brokers) {
        return brokers.map(broker -> Arguments.of(broker.get()));
    }

    /** For {@link OnEveryStorage}. */
    static final class OnEachStorage implements ArgumentsProvider {
        @Override
        public Stream<Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
            return switch (BrokerKind.ofThisRun()) {
                case KAFKA -> launched(Stream.of(BrokerKind.KAFKA::launch));
                case KAFSCALE -> launched(Stream.of(BrokerKind.KAFSCALE::launch, OnEachStorage::onS3));
            };
        }

        private static BrokerUnderTest onS3() {
            return KafscaleProcess.launchFresh(Storage.s3());
        }
    }

    /** For {@link OnEmbeddedStorage}. */
    static final class OnDefaultStorage implements ArgumentsProvider {
        @Override
        public Stream<Arguments> provideArguments(ParameterDeclarations parameters, ExtensionContext context) {
            return launched(Stream.of(BrokerKind.ofThisRun()::launch));
        }
    }
}
