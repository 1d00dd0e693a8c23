package io.kafscale.simulation;

import io.kafscale.metastore.Transaction;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.metastore.embedded.EmbeddedMetadataStore;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.simulated.SimulatedTime;
import io.kafscale.simulation.broker.BrokerProcess;
import io.kafscale.simulation.broker.ClusterNames;
import io.kafscale.simulation.broker.Supervisor;
import io.kafscale.simulation.client.Administrator;
import io.kafscale.simulation.client.Client;
import io.kafscale.simulation.client.ClientContext;
import io.kafscale.simulation.client.Consumer;
import io.kafscale.simulation.client.Inquirer;
import io.kafscale.simulation.client.Producer;
import io.kafscale.simulation.invariant.InvariantViolation;
import io.kafscale.simulation.invariant.Observation;
import io.kafscale.simulation.invariant.PartitionFacts;
import io.kafscale.simulation.invariant.Referee;
import io.kafscale.simulation.invariant.StoreAudit;
import io.kafscale.simulation.invariant.TopicFacts;
import io.kafscale.simulation.store.Bucket;
import io.kafscale.simulation.store.StoreWeather;
import io.kafscale.simulation.trace.Trace;
import io.kafscale.simulation.trace.TraceText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/**
 * One history of a broker, its stores and its clients, from an empty bucket to a clean shutdown, all of it from one seed: things go
 * wrong for a while, then nothing does, everything ends, everything is read once more, and the broker is left alone. Runs on the
 * calling thread and is not used again.
 */
public final class History {
    private static final long WALL_CLOCK_START_MS = 1_700_000_000_000L;
    private static final int MOST_EVENTS = 5_000_000;
    private static final Duration GO_ON = Duration.ofSeconds(5);
    private static final Duration TO_END = Duration.ofMinutes(4);
    private static final Duration TO_COVER = Duration.ofMinutes(3);
    private static final Duration TO_SETTLE = Duration.ofMinutes(6);
    private static final Duration IDLE = Duration.ofMinutes(30);

    private final HistoryPlan plan;
    private final World world;
    private final RandomGenerator random;
    private final ClusterNames names = ClusterNames.of("sim");
    private final Bucket bucket = new Bucket();
    private final Referee referee;
    private final Supervisor supervisor;
    private final Chaos chaos;
    private final ImageKeeper images;
    private final RecordWrites writes;
    private final StoreAudit audit;
    private final ClientContext context;
    private final List<Client> clients = new ArrayList<>();
    private final Administrator administrator;
    private final Map<TopicFacts, Integer> served = new HashMap<>();
    private int producers;
    private long lastWords;
    private long events;

    /**
     * A history that has not begun.
     *
     * @param traceLines how many of the latest events are kept as text
     */
    public History(long seed, int traceLines) {
        var seeds = new Seeds(seed);
        var time = new SimulatedTime(WALL_CLOCK_START_MS);
        this.world = new World(time, time.newLoop("world"), seeds, new Trace(time, traceLines));
        this.plan = HistoryPlan.of(seeds);
        this.random = seeds.stream("history");
        this.referee = new Referee(time);
        EventLoop metadataLoop = time.newLoop("etcd");
        var metadata = EmbeddedMetadataStore.inMemory(metadataLoop);
        var weather = new StoreWeather(plan.store(), seeds.stream("weather"));
        var stores = new Supervisor.Stores(bucket, weather, plan.store(), metadata, plan.metadata());
        this.supervisor = new Supervisor(world, stores, names, plan.log(), new Events());
        this.chaos = new Chaos(world, plan.chaos(), supervisor, stores);
        this.audit = new StoreAudit(bucket, names.layout());
        this.context = new ClientContext(world, supervisor, referee, plan.networkLatency());
        this.images =
                new ImageKeeper(new MetadataAccess(metadata, names.keys(), world.loop(), seeds.stream("observer")));
        this.writes = new RecordWrites(images, names, referee);
        this.administrator =
                new Administrator(context, plan.administrator(), plan.log(), metadata, names.keys(), this::attend);
        clients.add(administrator);
        clients.add(new Inquirer(context, Duration.ofMillis(150 + random.nextInt(1000))));
        administrator.start();
        clients.getLast().start();
    }

    /** Lives through it. */
    public HistoryResult run() {
        world.trace().during(this::live);
        var text = new TraceText(referee.topics().stream()
                .collect(Collectors.toMap(topic -> topic.id().toString(), TopicFacts::directory)));
        return new HistoryResult(
                world.seeds().seed(),
                referee.violation(),
                events,
                referee.observations(),
                bucket.requests(),
                Duration.ofNanos(world.nowNanos()),
                world.trace().hash(),
                new HistoryResult.Account(
                        TraceText.plan(plan.toString()),
                        referee.violation()
                                .map(InvariantViolation::getMessage)
                                .map(text::named)
                                .orElse(""),
                        text.of(world.trace().lines())));
    }

    private void live() {
        try {
            world.trace().add("history", "begins");
            images.start();
            supervisor.start();
            chaos.start();
            runFor(plan.turbulence());
            mend();
            readAll();
            restart();
            readAll();
            postscript();
            readAll();
            idle();
            shutDown();
        } catch (RuntimeException | Error thrown) {
            referee.broken(new InvariantViolation("TheSimulationWorks", String.valueOf(thrown), thrown));
        }
    }

    private boolean isOver() {
        return referee.violation().isPresent();
    }

    private void runFor(Duration duration) {
        long end = world.nowNanos() + duration.toNanos();
        runUntil(() -> false, duration);
        if (!isOver() && world.nowNanos() < end) {
            world.time().advance(Duration.ofNanos(end - world.nowNanos()));
        }
    }

    /** Runs until something is so; whether it was within the limit. */
    private boolean runUntil(BooleanSupplier condition, Duration limit) {
        boolean[] late = {false};
        EventLoop.Timer end = world.after(limit, () -> late[0] = true);
        while (!isOver() && !late[0] && !condition.getAsBoolean()) {
            if (!world.time().step()) {
                return condition.getAsBoolean();
            }
            if (++events > MOST_EVENTS) {
                referee.see(new Observation.NotEnded("more than " + MOST_EVENTS + " steps"));
            }
        }
        end.cancel();
        return !late[0];
    }

    private void attend(TopicFacts topic) {
        int before = served.getOrDefault(topic, 0);
        List<PartitionFacts> fresh = List.copyOf(
                topic.partitions().subList(before, topic.partitions().size()));
        served.put(topic, topic.partitions().size());
        for (PartitionFacts partition : fresh) {
            int count = 1 + random.nextInt(plan.producersPerPartition());
            for (int i = 0; i < count; i++) {
                add(new Producer(context, ++producers, partition, HistoryPlan.producer(random)));
            }
        }
        add(new Consumer(
                context, "tailer-" + clients.size(), fresh, false, Duration.ofMillis(1 + random.nextInt(1500))));
        for (int i = 0; i < plan.rereaders(); i++) {
            add(new Consumer(
                    context,
                    "rereader-" + clients.size(),
                    topic.partitions(),
                    true,
                    Duration.ofMillis(20 + random.nextInt(600))));
        }
    }

    private void add(Client client) {
        clients.add(client);
        client.start();
    }

    /** Nothing goes wrong any more: clients go on for a while, and then everything that was begun must end. */
    private void mend() {
        if (isOver()) {
            return;
        }
        chaos.stop();
        administrator.stop();
        runFor(GO_ON);
        clients.forEach(Client::stop);
        if (!runUntil(() -> supervisor.address().isPresent() && unfinished().isEmpty(), TO_END)) {
            referee.see(new Observation.NotEnded(unfinished().orElse("no broker serves")));
        }
        audit();
    }

    private Optional<String> unfinished() {
        for (Client client : clients) {
            Optional<String> open = client.unfinished();
            if (open.isPresent()) {
                return open;
            }
        }
        return Optional.empty();
    }

    private List<PartitionFacts> living() {
        return referee.topics().stream()
                .filter(topic -> !topic.isDeleting())
                .flatMap(topic -> topic.partitions().stream())
                .toList();
    }

    private void readAll() {
        if (isOver()) {
            return;
        }
        var reader = new FinalReader(world, referee, supervisor.address().orElseThrow());
        reader.start(living());
        if (!runUntil(() -> reader.left() == 0, TO_END)) {
            referee.see(new Observation.NotEnded(reader.left() + " partitions cannot be read"));
        }
    }

    /** One process ends, by a crash or as it should, and the next one takes over. */
    private void restart() {
        if (isOver()) {
            return;
        }
        BrokerProcess process = supervisor.address().orElseThrow();
        if (random.nextBoolean()) {
            close(process);
        }
        supervisor.crash(process, random.nextBoolean());
        if (!runUntil(() -> supervisor.address().isPresent(), TO_END)) {
            referee.see(new Observation.NotEnded("no broker serves after a restart"));
        }
    }

    private void close(BrokerProcess process) {
        var closing = process.close();
        if (!runUntil(closing::isDone, TO_END)) {
            referee.see(new Observation.NotEnded(process.name() + " does not shut down"));
        } else if (closing.isCompletedExceptionally()) {
            referee.see(new Observation.NotEnded(process.name() + " cannot shut down: " + closing.exceptionNow()));
        }
    }

    /**
     * A little more is written, twice, so that the last broker has a stream of which it can free what is in segments, or belongs to a
     * topic that is deleted before it is. All of its objects from before the second time are gone in the end.
     */
    private void postscript() {
        if (!isOver()) {
            runFor(TO_SETTLE);
        }
        for (int i = 0; i < 2 && !isOver(); i++) {
            lastWords = world.time().wallClockMs();
            List<Producer> late = living().stream()
                    .map(partition -> new Producer(context, ++producers, partition, HistoryPlan.lateProducer()))
                    .toList();
            late.forEach(Producer::start);
            runFor(GO_ON);
            late.forEach(Producer::stop);
            if (!runUntil(
                    () -> late.stream()
                            .allMatch(producer -> producer.unfinished().isEmpty()),
                    TO_END)) {
                referee.see(new Observation.NotEnded("nothing can be appended any more"));
            }
            if (i == 0) {
                deleteOneOfSeveral();
            }
            runFor(TO_COVER);
        }
    }

    /** What was just written to one of the topics will never be in segments; the others are written to again. */
    private void deleteOneOfSeveral() {
        var topics =
                referee.topics().stream().filter(topic -> !topic.isDeleting()).toList();
        if (topics.size() > 1) {
            administrator.delete(topics.get(random.nextInt(topics.size())));
        }
    }

    private void idle() {
        runFor(TO_SETTLE);
        if (isOver()) {
            return;
        }
        BrokerProcess process = supervisor.address().orElseThrow();
        long before = bucket.requests();
        runFor(IDLE);
        referee.see(new Observation.IdleRequests(bucket.requests() - before, IDLE + " without clients"));
        checkBudgets(process);
        audit();
        new Cleanliness(
                        bucket,
                        names.layout(),
                        images.image(),
                        referee,
                        plan.log().collectGrace())
                .check(lastWords);
    }

    private void checkBudgets(BrokerProcess process) {
        referee.see(new Observation.BytesHeld(
                "payloads of " + process.name(), process.objects().retainedPayloads()));
    }

    private void shutDown() {
        if (isOver()) {
            return;
        }
        supervisor.stop();
        BrokerProcess last = supervisor.address().orElseThrow();
        close(last);
        checkBudgets(last);
    }

    /** Compares the stores with what clients know. */
    private void audit() {
        for (PartitionFacts partition : living()) {
            images.image().partition(partition.id()).ifPresent(record -> {
                try {
                    referee.see(new Observation.Stored(partition, audit.of(partition, record.value())));
                } catch (RuntimeException damage) {
                    referee.broken(new InvariantViolation("SegmentsAndWalCoverTheLog", damage.toString(), damage));
                }
            });
        }
    }

    private final class Events implements Supervisor.Listener {
        @Override
        public void serves(BrokerProcess process) {
            audit();
        }

        @Override
        public void crashed(BrokerProcess process) {
            audit();
        }

        @Override
        public void committed(long brokerEpoch, Transaction transaction, long revision) {
            writes.committed(brokerEpoch, transaction, revision);
        }

        @Override
        public void leadsOn(BrokerProcess process, Duration outdated) {
            referee.see(new Observation.LeadsOn(process.name(), outdated));
        }

        @Override
        public void taskFailed(BrokerProcess process, Throwable cause) {
            referee.see(new Observation.TaskFailed(process.name(), cause));
        }

        @Override
        public void landed(BrokerProcess process, String key) {
            chaos.landed(process, key);
        }
    }
}
