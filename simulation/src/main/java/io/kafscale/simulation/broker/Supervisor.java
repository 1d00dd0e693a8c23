package io.kafscale.simulation.broker;

import io.kafscale.format.WalKey;
import io.kafscale.log.LogSettings;
import io.kafscale.metastore.embedded.EmbeddedMetadataStore;
import io.kafscale.simulation.World;
import io.kafscale.simulation.store.Bucket;
import io.kafscale.simulation.store.MetadataSettings;
import io.kafscale.simulation.store.SimulatedMetadataStore;
import io.kafscale.simulation.store.SimulatedObjectStore;
import io.kafscale.simulation.store.StoreSettings;
import io.kafscale.simulation.store.StoreWeather;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Keeps a broker running over the two stores: whatever ends a process, another one is started after a while, until it serves. Now and
 * then there are two processes for a time, because somebody took the first for dead. Confined to the simulation's one thread.
 */
public final class Supervisor implements BrokerProcess.Parent {
    /** The two stores, which outlive every process. */
    public record Stores(
            Bucket bucket,
            StoreWeather weather,
            StoreSettings objectSettings,
            EmbeddedMetadataStore metadata,
            MetadataSettings metadataSettings) {}

    /** Told what happens to processes. */
    public interface Listener {
        /** A process begins to serve. */
        void serves(BrokerProcess process);

        /** A process is gone. */
        void crashed(BrokerProcess process);

        /** A task on a process's loop failed. */
        void taskFailed(BrokerProcess process, Throwable cause);

        /** An object of a process landed, and its process does not know yet. */
        void landed(BrokerProcess process, String key);
    }

    private static final Duration SOONEST = Duration.ofMillis(50);
    private static final Duration LATEST = Duration.ofSeconds(2);

    private final World world;
    private final Stores stores;
    private final ClusterNames names;
    private final LogSettings settings;
    private final Listener listener;
    private final RandomGenerator random;
    private final List<BrokerProcess> alive = new ArrayList<>();
    private boolean metadataRough;
    private boolean stopped;
    private int started;
    private int wanted = 1;

    /** No process yet. */
    public Supervisor(World world, Stores stores, ClusterNames names, LogSettings settings, Listener listener) {
        this.world = world;
        this.stores = stores;
        this.names = names;
        this.settings = settings;
        this.listener = listener;
        this.random = world.seeds().stream("supervisor");
    }

    /** Starts a process now; from now on there is one. */
    public void start() {
        String name = "broker-" + ++started;
        var objects = new SimulatedObjectStore(
                world, stores.bucket(), stores.weather(), stores.objectSettings(), name + "/s3");
        var metadata = new SimulatedMetadataStore(
                world,
                stores.metadata(),
                stores.metadataSettings(),
                world.seeds().stream(name + "/etcd"),
                name + "/etcd");
        metadata.setRough(metadataRough);
        var process = new BrokerProcess(world, name, objects, metadata, names, settings, this);
        objects.whenLanded(key -> {
            if (names.layout().parseWalKey(key).map(WalKey::sequence).orElse(-1L) == 0) {
                process.mayServeAgain(); // as another incarnation, once the one that took its place is gone
            }
            listener.landed(process, key);
        });
        alive.add(process);
        process.start();
    }

    @Override
    public void serves(BrokerProcess process) {
        for (BrokerProcess other : alive) {
            if (other != process) {
                other.supersede();
            }
        }
        alive.remove(process);
        alive.add(process);
        listener.serves(process);
    }

    @Override
    public void exited(BrokerProcess process, Throwable cause) {
        crash(process, false);
    }

    @Override
    public void taskFailed(BrokerProcess process, Throwable cause) {
        listener.taskFailed(process, cause);
    }

    /** Ends a process between two of its steps. */
    public void crash(BrokerProcess process, boolean leasesEndNow) {
        if (alive.remove(process)) {
            process.crash(leasesEndNow);
            address().ifPresent(BrokerProcess::mayServeAgain);
            listener.crashed(process);
            startLater();
        }
    }

    private void startLater() {
        world.after(World.between(SOONEST, LATEST, random), () -> {
            if (!stopped && alive.size() < wanted) {
                start();
            }
        });
    }

    /** Starts a second process beside the one that is there, which somebody takes for dead. */
    public void startSecond() {
        wanted = 2;
        startLater();
    }

    /** One process is enough from now on; none that is there is ended. */
    public void wantOne() {
        wanted = 1;
    }

    /** Whether something happens to requests of the metadata store from now on. */
    public void setMetadataRough(boolean rough) {
        metadataRough = rough;
        alive.forEach(process -> process.metadata().setRough(rough));
    }

    /** Nothing is started any more. */
    public void stop() {
        stopped = true;
    }

    /** Processes that are not dead; the one that began to serve last comes last. */
    public List<BrokerProcess> alive() {
        return List.copyOf(alive);
    }

    /**
     * How long a process has been able to notice that another took its place: while it was running and the object store answered.
     */
    public Duration outdatedFor(BrokerProcess process) {
        Duration outdated = process.outdatedFor();
        Duration settled = stores.weather().settledFor(world.nowNanos());
        return outdated.compareTo(settled) < 0 ? outdated : settled;
    }

    /** Where clients reach the broker: the process that began to serve last, unless it is dead. */
    public Optional<BrokerProcess> address() {
        return alive.reversed().stream()
                .filter(process -> process.state() == BrokerProcess.State.SERVING)
                .findFirst();
    }
}
