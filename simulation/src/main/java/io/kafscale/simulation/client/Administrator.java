package io.kafscale.simulation.client;

import io.kafscale.log.LogException;
import io.kafscale.log.LogSettings;
import io.kafscale.log.TopicSettings;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.cluster.AlterTopicResult;
import io.kafscale.metastore.cluster.CreateTopicResult;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.metastore.cluster.MetadataKeys;
import io.kafscale.metastore.cluster.NewTopic;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.TopicStore;
import io.kafscale.simulation.World;
import io.kafscale.simulation.invariant.Observation;
import io.kafscale.simulation.invariant.Observation.Known;
import io.kafscale.simulation.invariant.PartitionFacts;
import io.kafscale.simulation.invariant.TopicFacts;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * Creates, changes and deletes topics, and deletes records. It writes to the metadata store without faults: what is tried here is how
 * the log follows. Confined to the simulation's one thread; runs on the world's loop.
 */
public final class Administrator implements Client {
    private static final String NAME = "administrator";
    private static final int MOST_PARTITIONS = 6;

    private final ClientContext context;
    private final AdministratorSettings settings;
    private final LogSettings defaults;
    private final TopicStore topics;
    private final RandomGenerator random;
    private final Link link;
    private final Consumer<TopicFacts> onCreated;
    private boolean stopped;
    private int begun;
    private int ended;

    /**
     * An administrator.
     *
     * @param defaults the broker's, for topics that say nothing
     * @param onCreated told of each topic, also when it has more partitions
     */
    public Administrator(
            ClientContext context,
            AdministratorSettings settings,
            LogSettings defaults,
            MetadataStore metadata,
            MetadataKeys keys,
            Consumer<TopicFacts> onCreated) {
        this.context = context;
        this.settings = settings;
        this.defaults = defaults;
        this.random = context.world().seeds().stream(NAME);
        this.topics = new TopicStore(
                new MetadataAccess(metadata, keys, context.world().loop(), random));
        this.link = new Link(context, random);
        this.onCreated = onCreated;
    }

    @Override
    public void start() {
        for (int i = 0; i < settings.topics(); i++) {
            create("topic-" + i);
        }
        again();
    }

    private void again() {
        context.world().after(World.between(Duration.ZERO, settings.interval().multipliedBy(2), random), () -> {
            if (!stopped) {
                act();
                again();
            }
        });
    }

    @Override
    public void stop() {
        stopped = true;
    }

    @Override
    public Optional<String> unfinished() {
        return begun == ended ? Optional.empty() : Optional.of(NAME + " waits for " + (begun - ended) + " changes");
    }

    private void act() {
        var living = context.referee().topics().stream()
                .filter(topic -> !topic.isDeleting())
                .toList();
        if (living.isEmpty()) {
            return;
        }
        TopicFacts topic = living.get(random.nextInt(living.size()));
        double choice = random.nextDouble();
        if (choice < settings.deletions()) {
            delete(topic);
        } else if (choice < 0.5) {
            deleteRecords(
                    topic.partitions().get(random.nextInt(topic.partitions().size())));
        } else if (choice < 0.9) {
            alter(topic);
        } else if (topic.partitions().size() < MOST_PARTITIONS) {
            addPartition(topic);
        }
    }

    private void create(String name) {
        if (stopped) {
            return;
        }
        begun++;
        int partitions = 1 + random.nextInt(settings.partitions());
        Map<String, String> configs = someConfigs();
        topics.create(new NewTopic(name, partitions, configs)).whenComplete((result, failure) -> {
            ended++;
            if (result instanceof CreateTopicResult.Created created) {
                TopicRecord topic = created.topic();
                context.trace(
                        NAME,
                        "created " + topic.directory() + " with " + partitions + " partitions and "
                                + new TreeMap<>(topic.configs()));
                TopicFacts facts = context.referee().created(name, topic.id(), topic.directory(), partitions);
                facts.mayHave(TopicSettings.of(configs, defaults));
                onCreated.accept(facts);
            } else {
                context.trace(NAME, "could not create " + name + ": " + result + failure);
                context.world().after(settings.interval(), () -> create(name));
            }
        });
    }

    private Map<String, String> someConfigs() {
        var configs = new HashMap<String, String>();
        if (random.nextInt(3) > 0) {
            configs.put("segment.bytes", String.valueOf(1024 << random.nextInt(6)));
        }
        if (random.nextInt(3) == 0) {
            configs.put("segment.ms", String.valueOf(500 + random.nextInt(20_000)));
        }
        if (random.nextDouble() < settings.retention()) {
            configs.put("retention.ms", String.valueOf(3_000 + random.nextInt(60_000)));
        }
        if (random.nextDouble() < settings.retention()) {
            configs.put("retention.bytes", String.valueOf(2_000 + random.nextInt(60_000)));
        }
        if (random.nextInt(12) == 0) {
            configs.put("cleanup.policy", "compact");
        }
        return configs;
    }

    private void alter(TopicFacts topic) {
        begun++;
        Map<String, String> configs = someConfigs();
        topic.mayHave(TopicSettings.of(configs, defaults));
        context.trace(NAME, "sets " + topic + " to " + new TreeMap<>(configs));
        topics.alterConfigs(topic.name(), record -> record.id().equals(topic.id()) ? configs : record.configs())
                .whenComplete((result, failure) -> ended++);
    }

    private void addPartition(TopicFacts topic) {
        begun++;
        int total = topic.partitions().size() + 1;
        context.trace(NAME, "adds a partition to " + topic);
        topics.addPartitions(topic.name(), total).whenComplete((result, failure) -> {
            ended++;
            if (result instanceof AlterTopicResult.Altered altered
                    && altered.topic().id().equals(topic.id())
                    && !topic.isDeleting()) {
                topic.addPartitions(altered.topic().partitions());
                onCreated.accept(topic);
            }
        });
    }

    /** Deletes the topic and, most times unless it was stopped, creates another one of the same name. */
    public void delete(TopicFacts topic) {
        begun++;
        topic.delete();
        context.trace(NAME, "deletes " + topic);
        topics.delete(topic.name(), topic.id()).whenComplete((result, failure) -> {
            ended++;
            if (random.nextInt(4) > 0) {
                context.world()
                        .after(World.between(Duration.ZERO, settings.interval(), random), () -> create(topic.name()));
            }
        });
    }

    private void deleteRecords(PartitionFacts partition) {
        if (!link.isUp() || partition.highWatermark() == 0) {
            return;
        }
        Known known = link.known(partition);
        long span = partition.highWatermark() - partition.logStart();
        long target = random.nextInt(8) == 0
                ? -1
                : partition.logStart() + random.nextLong(span + (random.nextInt(8) == 0 ? 10 : 1));
        if (target == -1) {
            partition.requestEmptyLog();
        } else {
            partition.requestLogStart(target);
        }
        begun++;
        context.trace(NAME, "deletes records of " + partition.id() + " below " + target);
        link.ask(log -> log.deleteRecords(partition.id(), target), (logStart, failure) -> {
            ended++;
            if (logStart != null) {
                if (target == -1) {
                    partition.emptiedUpTo(logStart);
                }
                context.referee()
                        .see(new Observation.OffsetsTold(known, Math.max(known.highWatermark(), logStart), logStart));
                if (target >= 0 && logStart < target) {
                    context.referee()
                            .see(new Observation.Failed(
                                    known,
                                    "deletion of records",
                                    target,
                                    new LogException(
                                            LogException.Kind.CORRUPT, "answered with log start " + logStart)));
                }
            } else if (failure instanceof LogException refusal) {
                context.trace(NAME, "is refused: " + refusal.kind());
                link.hangUp();
            }
        });
    }
}
