package io.kafscale.simulation.broker;

import io.kafscale.format.ObjectLayout;
import io.kafscale.log.LogService;
import io.kafscale.log.LogSettings;
import io.kafscale.log.engine.BrokerEndpoint;
import io.kafscale.log.engine.EngineContext;
import io.kafscale.log.engine.EngineLogService;
import io.kafscale.log.engine.LogEngine;
import io.kafscale.metastore.cluster.ImageKeeper;
import io.kafscale.metastore.cluster.MetadataAccess;
import io.kafscale.objectstore.RetryingObjectStore;
import io.kafscale.runtime.Backoff;
import io.kafscale.simulation.World;
import io.kafscale.simulation.store.SimulatedMetadataStore;
import io.kafscale.simulation.store.SimulatedObjectStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * One life of the broker: the production log over simulated stores. It may stand still, lose its metadata store and die between any
 * two steps; after that another process is another object. Confined to the simulation's one thread.
 */
public final class BrokerProcess {
    private static final RetryingObjectStore.Policy RETRIES = new RetryingObjectStore.Policy(
            new Backoff(Duration.ofMillis(50), Duration.ofSeconds(2)), Duration.ofSeconds(30));

    /** What a process is doing. */
    public enum State {
        /** It does not serve yet. */
        STARTING,
        /** It serves, or believes so. */
        SERVING,
        /** It is gone. */
        DEAD
    }

    /** Whoever started the process. Called on the world's loop or that of the process. */
    interface Parent {
        /** It serves from now on. */
        void serves(BrokerProcess process);

        /** It gave up by itself. */
        void exited(BrokerProcess process, Throwable cause);

        /** A task on its loop failed, which no task should. */
        void taskFailed(BrokerProcess process, Throwable cause);
    }

    private final World world;
    private final String name;
    private final Parent parent;
    private final BrokerLoop loop;
    private final SimulatedObjectStore objects;
    private final SimulatedMetadataStore metadata;
    private final LogEngine engine;
    private final LogService service;
    private final ImageKeeper images;
    private final List<Connection> connections = new ArrayList<>();
    private State state = State.STARTING;
    private boolean paused;
    private boolean isolated;
    private boolean superseded;
    private boolean leads;
    private long epoch;
    private long sealedNanos;
    private OptionalLong supersededNanos = OptionalLong.empty();
    private long resumedNanos;

    /** A process that has not started. */
    BrokerProcess(
            World world,
            String name,
            SimulatedObjectStore objects,
            SimulatedMetadataStore metadata,
            ClusterNames names,
            LogSettings settings,
            Parent parent) {
        this.world = world;
        this.name = name;
        this.parent = parent;
        this.objects = objects;
        this.metadata = metadata;
        this.loop = new BrokerLoop(world, name, thrown -> parent.taskFailed(this, thrown));
        RandomGenerator random = world.seeds().stream(name);
        var access = new MetadataAccess(metadata, names.keys(), loop, random);
        var retrying = new RetryingObjectStore(objects, RETRIES, loop, random);
        ObjectLayout layout = names.layout();
        this.images = new ImageKeeper(access);
        this.engine = new LogEngine(
                new EngineContext(retrying, layout, access, loop, loop, new UncompressedRecords(), random, settings),
                new BrokerEndpoint(names.brokerId(), "localhost", 9092, null, "simulated"),
                images);
        this.service = new EngineLogService(engine, loop);
        engine.addIncarnationListener(now -> {
            leads = now.isPresent();
            now.ifPresent(incarnation -> epoch = incarnation.brokerEpoch());
        });
    }

    /** Starts it. */
    void start() {
        trace("starts");
        engine.start()
                .whenComplete((cluster, failure) -> world.loop().execute(() -> {
                    if (state == State.DEAD) {
                        return;
                    }
                    if (failure != null) {
                        trace("does not start: " + failure);
                        parent.exited(this, failure);
                    } else {
                        state = State.SERVING;
                        superseded = false;
                        mayServeAgain();
                        trace("serves");
                        parent.serves(this);
                    }
                }));
    }

    /**
     * Ends it between two of its steps. Requests it has sent may still land.
     *
     * @param leasesEndNow whether the metadata store knows at once
     */
    void crash(boolean leasesEndNow) {
        if (state == State.DEAD) {
            return;
        }
        world.trace().fault(name, "crashes");
        state = State.DEAD;
        loop.kill();
        objects.die();
        metadata.die(leasesEndNow);
        breakConnections();
    }

    private void breakConnections() {
        var broken = List.copyOf(connections);
        connections.clear();
        broken.forEach(Connection::broken);
    }

    /** No client reaches it any more. */
    public void isolate() {
        world.trace().fault(name, "is out of reach for clients");
        isolated = true;
        breakConnections();
    }

    /** Clients may reach it again. */
    public void rejoin() {
        isolated = false;
    }

    /** Whether no client reaches it. */
    boolean isIsolated() {
        return isolated;
    }

    /** Shuts it down as an operator does; completes on the world's loop when it has said that it is done. */
    public CompletableFuture<Void> close() {
        trace("shuts down");
        var done = new CompletableFuture<Void>();
        engine.close()
                .whenComplete((nothing, failure) -> world.loop().execute(() -> {
                    images.close();
                    if (failure == null) {
                        trace("has shut down");
                        done.complete(null);
                    } else {
                        trace("could not shut down cleanly: " + failure);
                        done.completeExceptionally(failure);
                    }
                }));
        return done;
    }

    /** The machine forgets about it for a while. */
    public void pause() {
        world.trace().fault(name, "stands still");
        paused = true;
        loop.pause();
    }

    /** It goes on. */
    public void resume() {
        world.trace().fault(name, "goes on");
        paused = false;
        resumedNanos = world.nowNanos();
        loop.resume();
    }

    /** Another process serves from now on; what this one says may be old. */
    void supersede() {
        superseded = true;
        if (supersededNanos.isEmpty()) {
            supersededNanos = OptionalLong.of(world.nowNanos());
        }
    }

    /** The process that took its place is gone: it may come to serve again. */
    void mayServeAgain() {
        supersededNanos = OptionalLong.empty();
    }

    /** The epoch of its latest incarnation, 0 before the first: of two processes that serve, the one with the greater is the broker. */
    long epoch() {
        return epoch;
    }

    /** Whether it leads, as it believes, in its incarnation of this epoch. */
    boolean leadsAs(long incarnation) {
        return leads && epoch == incarnation && state != State.DEAD;
    }

    /** Another process has sealed its stream. */
    void sealed() {
        sealedNanos = world.nowNanos();
    }

    /** How long it has been running since another process sealed its stream. */
    Duration sealedFor() {
        return paused ? Duration.ZERO : Duration.ofNanos(world.nowNanos() - Math.max(sealedNanos, resumedNanos));
    }

    /** How long it has been running beside a process that took its place; zero if none has. */
    Duration outdatedFor() {
        return supersededNanos.isPresent() && !paused
                ? Duration.ofNanos(world.nowNanos() - Math.max(supersededNanos.getAsLong(), resumedNanos))
                : Duration.ZERO;
    }

    /** Whether another process has begun to serve after this one. */
    public boolean isSuperseded() {
        return superseded;
    }

    /** Whether it stands still. */
    public boolean isPaused() {
        return paused;
    }

    /** What it is doing. */
    public State state() {
        return state;
    }

    /** Its name. */
    public String name() {
        return name;
    }

    /** Its log, as request handlers see it. */
    public LogService log() {
        return service;
    }

    /** Its connection to the object store. */
    public SimulatedObjectStore objects() {
        return objects;
    }

    /** Its connection to the metadata store. */
    public SimulatedMetadataStore metadata() {
        return metadata;
    }

    void connected(Connection connection) {
        connections.add(connection);
    }

    void disconnected(Connection connection) {
        connections.remove(connection);
    }

    private void trace(String what) {
        world.trace().add(name, what);
    }
}
