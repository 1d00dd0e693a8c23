package io.kafscale.it.chaos;

import io.kafscale.it.cluster.ClusterBroker;
import io.kafscale.it.cluster.ClusterUnderTest;
import io.kafscale.it.cluster.Scenario;
import io.kafscale.testkit.net.TcpProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** Draws what goes wrong next. Not thread-safe. */
final class Troubles {
    private static final int LEAST_DELAY_MS = 10;
    private static final int MOST_DELAY_MS = 150;
    private static final List<LinkFailure> LINK_FAILURES = List.of(LinkFailure.values());

    private final Scenario scenario;
    private final ClusterUnderTest cluster;
    private final List<ClusterBroker> brokers;
    private final ClusterBroker spare;
    private final RandomGenerator random;
    private final List<Kind> kinds = List.of(
            new Kind(5, this::killed),
            new Kind(2, this::killedWhileStarting),
            new Kind(4, this::stopped),
            new Kind(3, this::shutDown),
            new Kind(2, this::joined),
            new Kind(2, this::moved),
            new Kind(2, this::drained),
            new Kind(4, this::withoutMetadata),
            new Kind(4, this::withoutStore),
            new Kind(2, this::withoutEither),
            new Kind(2, this::etcdKilled),
            new Kind(2, this::etcdStopped),
            new Kind(2, this::etcdSlow),
            new Kind(2, this::storeKilled),
            new Kind(2, this::storeStopped),
            new Kind(2, this::storeSlow));

    /** How often something is drawn, and how. */
    private record Kind(int weight, Supplier<Trouble> draw) {}

    /** Ill-treats {@code brokers}, and lets {@code spare} come and go. */
    Troubles(Scenario scenario, List<ClusterBroker> brokers, ClusterBroker spare, RandomGenerator random) {
        this.scenario = scenario;
        this.cluster = scenario.cluster();
        this.brokers = List.copyOf(brokers);
        this.spare = spare;
        this.random = random;
    }

    /** The next one. */
    Trouble next() {
        int left = random.nextInt(kinds.stream().mapToInt(Kind::weight).sum());
        int at = 0;
        while (left >= kinds.get(at).weight) {
            left -= kinds.get(at).weight;
            at++;
        }
        return kinds.get(at).draw.get();
    }

    private ClusterBroker anyBroker() {
        return brokers.get(random.nextInt(brokers.size()));
    }

    private Trouble killed() {
        ClusterBroker broker = anyBroker();
        return trouble(
                broker.toString(),
                new Step("kill -9 of " + broker, broker::kill),
                new Step("start " + broker, broker::launch));
    }

    private Trouble killedWhileStarting() {
        ClusterBroker broker = anyBroker();
        Runnable restart = () -> {
            broker.kill();
            broker.launch();
        };
        return trouble(
                broker.toString(),
                new Step("kill -9 and start " + broker, restart),
                new Step("kill -9 and start " + broker + " again", restart));
    }

    private Trouble stopped() {
        ClusterBroker broker = anyBroker();
        return new Trouble(broker.toString(), () -> scenario.pause(broker), () -> scenario.resume(broker));
    }

    private Trouble shutDown() {
        ClusterBroker broker = anyBroker();
        return trouble(
                broker.toString(),
                new Step("SIGTERM to " + broker, broker::askToEnd),
                new Step("start " + broker + " when it has ended", () -> {
                    broker.awaitEnd();
                    broker.launch();
                }));
    }

    private Trouble joined() {
        return trouble(
                spare.toString(), new Step("start " + spare, spare::launch), new Step("SIGTERM to " + spare, () -> {
                    spare.askToEnd();
                    spare.awaitEnd();
                }));
    }

    private Trouble moved() {
        String partition = scenario.workload().topic().name() + ":"
                + random.nextInt(scenario.workload().topic().partitions());
        String to = Integer.toString(anyBroker().id());
        return new Trouble(
                "etcd",
                () -> attempt("cluster", "move", partition, "--to", to),
                () -> attempt("cluster", "move", partition, "--unpin"));
    }

    private Trouble drained() {
        String broker = Integer.toString(anyBroker().id());
        return new Trouble(
                "etcd", () -> attempt("cluster", "drain", broker), () -> attempt("cluster", "undrain", broker));
    }

    /** Something else that goes wrong may make it fail. */
    private void attempt(String... words) {
        scenario.note(String.join(" ", words) + ", exit code " + cluster.exitCodeOf(words));
    }

    private Trouble withoutMetadata() {
        ClusterBroker broker = anyBroker();
        return without(broker, "etcd", List.of(broker.metadataWay()));
    }

    private Trouble withoutStore() {
        ClusterBroker broker = anyBroker();
        return without(broker, "the object store", List.of(broker.storeWay()));
    }

    private Trouble withoutEither() {
        ClusterBroker broker = anyBroker();
        return without(broker, "both stores", List.of(broker.metadataWay(), broker.storeWay()));
    }

    private Trouble without(ClusterBroker broker, String what, List<TcpProxy> ways) {
        LinkFailure failure = LINK_FAILURES.get(random.nextInt(LINK_FAILURES.size()));
        return trouble(
                "ways of " + broker,
                new Step("%s between %s and %s".formatted(failure, broker, what), () -> ways.forEach(failure::begin)),
                new Step("%s and %s again".formatted(broker, what), () -> ways.forEach(failure::end)));
    }

    private Trouble etcdKilled() {
        return trouble(
                "etcd",
                new Step("kill -9 of etcd", cluster.etcd()::kill),
                new Step("start etcd", cluster.etcd()::start));
    }

    private Trouble etcdStopped() {
        return trouble(
                "etcd",
                new Step("stop etcd", cluster.etcd()::pause),
                new Step("continue etcd", cluster.etcd()::resume));
    }

    private Trouble etcdSlow() {
        return slow("etcd", cluster::metadataWays);
    }

    private Trouble storeKilled() {
        return trouble(
                "the object store",
                new Step("kill -9 of the object store", cluster.store()::kill),
                new Step("start the object store", this::startStore));
    }

    private void startStore() {
        try {
            cluster.store().start();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private Trouble storeStopped() {
        return trouble(
                "the object store",
                new Step("stop the object store", cluster.store()::pause),
                new Step("continue the object store", cluster.store()::resume));
    }

    private Trouble storeSlow() {
        return slow("the object store", cluster::storeWays);
    }

    private Trouble slow(String what, Consumer<Consumer<TcpProxy>> ways) {
        Duration delay = Duration.ofMillis(random.nextInt(LEAST_DELAY_MS, MOST_DELAY_MS));
        return trouble(
                what,
                new Step(
                        "%s is slow, %d ms each way".formatted(what, delay.toMillis()),
                        () -> ways.accept(way -> way.delay(delay))),
                new Step(what + " is fast again", () -> ways.accept(TcpProxy::heal)));
    }

    /** What is done, and what it is called. */
    private record Step(String name, Runnable action) {}

    private Trouble trouble(String subject, Step begin, Step end) {
        return new Trouble(subject, () -> take(begin), () -> take(end));
    }

    private void take(Step step) {
        scenario.note(step.name);
        step.action.run();
    }
}
