package io.kafscale.simulation.broker;

import io.kafscale.format.WalKey;
import io.kafscale.log.LogSettings;
import io.kafscale.metastore.Transaction;
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
import java.util.stream.Stream;

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

        /** A process still leads, as it believes, though it has been able to notice for so long that another sealed its stream. */
        void leadsOn(BrokerProcess process, Duration outdated);

        /** A task on a process's loop failed. */
        void taskFailed(BrokerProcess process, Throwable cause);

        /** A process wrote to the metadata store, in its incarnation of this epoch when it sent that. */
        void committed(long brokerEpoch, Transaction transaction, long revision);

        /** An object of a process landed, and its process does not know yet. */
        void landed(BrokerProcess process, String key);
    }

    private static final Duration SOONEST = Duration.ofMillis(50);
    private static final Duration LATEST = Duration.ofSeconds(2);
    private static final Duration LOOK = Duration.ofSeconds(1);

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
            names.layout().parseWalKey(key).ifPresent(wal -> walLanded(process, wal));
            listener.landed(process, key);
        });
        metadata.whenCommitting(transaction -> {
            long epoch = process.epoch();
            return revision -> listener.committed(epoch, transaction, revision);
        });
        alive.add(process);
        process.start();
    }

    @Override
    public void serves(BrokerProcess process) {
        // A process that stood still may believe that it serves when another has long taken its place.
        Optional<BrokerProcess> newer = alive.stream()
                .filter(other -> other.state() == BrokerProcess.State.SERVING && other.epoch() > process.epoch())
                .findFirst();
        if (newer.isPresent()) {
            process.supersede();
        } else {
            alive.stream().filter(other -> other != process).forEach(BrokerProcess::supersede);
            alive.remove(process);
            alive.add(process);
        }
        listener.serves(process);
    }

    private void walLanded(BrokerProcess process, WalKey wal) {
        if (wal.sequence() == 0) {
            process.mayServeAgain(); // as another incarnation, once the one that took its place is gone
        }
        for (BrokerProcess other : alive) {
            if (other != process && other.leadsAs(wal.stream().brokerEpoch())) {
                other.sealed();
                watch(other, wal.stream().brokerEpoch());
            }
        }
    }

    /** Tells every second for how long an incarnation whose stream was sealed has been leading on, until it does no more. */
    private void watch(BrokerProcess process, long epoch) {
        world.after(LOOK, () -> {
            if (process.leadsAs(epoch)) {
                listener.leadsOn(process, noticeable(process.sealedFor()));
                watch(process, epoch);
            }
        });
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
            serving().findFirst().ifPresent(BrokerProcess::mayServeAgain);
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
        return noticeable(process.outdatedFor());
    }

    private Duration noticeable(Duration outdated) {
        Duration settled = stores.weather().settledFor(world.nowNanos());
        return outdated.compareTo(settled) < 0 ? outdated : settled;
    }

    /** Where clients reach the broker: the process that began to serve last, unless it is dead or out of their reach. */
    public Optional<BrokerProcess> address() {
        return serving().filter(process -> !process.isIsolated()).findFirst();
    }

    /** Processes that serve, or believe so; the one that began last comes first. */
    private Stream<BrokerProcess> serving() {
        return alive.reversed().stream().filter(process -> process.state() == BrokerProcess.State.SERVING);
    }
}
