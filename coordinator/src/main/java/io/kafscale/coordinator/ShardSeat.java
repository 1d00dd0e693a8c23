package io.kafscale.coordinator;

import io.kafscale.coordinator.ShardLoad.End;
import io.kafscale.metastore.cluster.BrokerIncarnation;
import io.kafscale.runtime.EventLoop;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one shard on this host: idle, claiming its ownership, loading, active, draining, unloading, releasing its ownership, and
 * idle again. The runtime matches the end of a load to whatever state of the shard is loading at that moment, so a shard is never
 * unloaded or loaded again while a load runs: a load that is not wanted any more is made to fail, and the next step waits until the
 * runtime has said how it ended. The ownership is released in the store last, when the runtime has nothing left that could answer. For
 * one loop.
 */
final class ShardSeat {
    private static final Logger log = LoggerFactory.getLogger(ShardSeat.class);

    /** What a seat needs of its host. */
    interface Surroundings {
        /** What takes the ownership of a shard in the store. */
        ShardClaim claim(int shard, BrokerIncarnation as);

        /** What releases it there. */
        ShardRelease release(int shard, BrokerIncarnation as, Runnable onSettled);

        /** Lets the runtime load a shard that it does not hold. */
        void elect(ShardLoad load);

        /** Closes a shard to appends and lets the runtime drop it. */
        void resign(int shard);

        /** A shard answers from now on. */
        void active(int shard, End.Loaded loaded);

        /** A shard was lost without anybody having asked for it. */
        void lost(int shard, ShardLostException why);
    }

    private sealed interface State {
        record Idle() implements State {}

        record Claiming(ShardClaim claim) implements State {}

        record Loading(ShardLoad load) implements State {}

        record Active(ShardTenure tenure) implements State {}

        record Draining(ShardTenure tenure, EventLoop.Timer deadline) implements State {}

        /** {@code toRelease} is what is still owned in the store, as far as is known. */
        record Unloading(@Nullable Ownership toRelease) implements State {}

        record Releasing(ShardRelease release) implements State {}
    }

    private final int shard;
    private final EventLoop loop;
    private final Duration drainLimit;
    private final Surroundings host;
    private boolean ready;
    private State state = new State.Idle();
    private volatile boolean answering;
    private volatile Standing standing = Standing.notHeld();
    private volatile long heldRevision;
    private @Nullable Acquisition acquisition;
    private @Nullable CompletableFuture<Void> releasing;

    private record Acquisition(BrokerIncarnation as, CompletableFuture<Void> done) {}

    /**
     * An idle seat.
     *
     * @param drainLimit how long a release waits for writes under way
     */
    ShardSeat(int shard, EventLoop loop, Duration drainLimit, Surroundings host) {
        this.shard = shard;
        this.loop = loop;
        this.drainLimit = drainLimit;
        this.host = host;
    }

    /** Whether the shard answers. Any thread. */
    boolean answering() {
        return answering;
    }

    /** Whether the runtime may have the shard, and as whom. Any thread. */
    Standing standing() {
        return standing;
    }

    /** The mod revision of the owner key since when the shard is held, 0 if it is not. Any thread. */
    long heldRevision() {
        return heldRevision;
    }

    /** Nothing is claimed before this is called. */
    void ready() {
        ready = true;
        next();
    }

    /** Asks for the shard; the future completes when it answers, or exceptionally when it is given up or cannot be had. */
    CompletableFuture<Void> acquire(BrokerIncarnation as) {
        if (acquisition == null) {
            acquisition = new Acquisition(as, new CompletableFuture<>());
            next();
        }
        return acquisition.done.copy();
    }

    /** Gives the shard up; the future completes when nothing of it is left in the runtime and nothing more will be written. */
    CompletableFuture<Void> release() {
        giveUp(new ShardLostException(shard, "given up"));
        if (releasing == null) {
            releasing = new CompletableFuture<>();
        }
        CompletableFuture<Void> done = releasing.copy();
        switch (state) {
            case State.Idle idle -> next();
            case State.Claiming claiming -> {
                claiming.claim.cancel();
                becomeIdle();
            }
            case State.Loading loading -> loading.load.abandon();
            case State.Active active -> drain(active.tenure);
            case State.Draining draining -> {}
            case State.Unloading unloading -> {}
            case State.Releasing releasing -> {}
        }
        return done;
    }

    /** Releases in the store what {@code as} owns though nothing of it is held here: a claim that was given up came late. */
    CompletableFuture<Void> disown(BrokerIncarnation as) {
        if (state instanceof State.Idle && acquisition == null) {
            releaseInStore(as).start();
        }
        return release();
    }

    /** Gives up what is still to be written to the store about an ownership that has ended. */
    void stopReleasing() {
        if (state instanceof State.Releasing releasing) {
            releasing.release.cancel();
            becomeIdle();
        }
    }

    /** The runtime holds the shard, loaded, and answers from now on. */
    void loaded() {
        if (!(state instanceof State.Loading loading) || !(loading.load.end() instanceof End.Loaded end)) {
            throw new IllegalStateException("group shard " + shard + " became active while " + state);
        }
        if (acquisition == null || releasing != null) {
            unload(end.tenure(), end.tenure().ownership());
            return;
        }
        state = new State.Active(end.tenure());
        answering = true;
        end.tenure().start();
        host.active(shard, end);
        acquisition.done.complete(null);
    }

    /** The runtime has dropped the shard: because we resigned, because a load failed, or by itself. */
    void unloaded() {
        switch (state) {
            case State.Unloading unloading -> unheld(unloading.toRelease);
            case State.Loading loading -> {
                Throwable cause = loading.load.end() instanceof End.Failed failed
                        ? failed.cause()
                        : new IllegalStateException("the coordinator failed to start");
                end(loading.load.end() instanceof End.Loaded loaded ? loaded.tenure() : null);
                host.resign(shard);
                boolean wanted = releasing == null;
                if (wanted) {
                    giveUp(
                            cause instanceof ShardLostException lost
                                    ? lost
                                    : new ShardLostException(shard, "it cannot be loaded", cause));
                }
                // What cannot be loaded stays ours until somebody else is to have it: another attempt would take it
                // again.
                unheld(wanted ? null : loading.load.ownership());
            }
            case State.Active active -> {
                lost(active.tenure, new ShardLostException(shard, "the coordinator dropped it"));
                unheld(active.tenure.ownership());
            }
            case State.Draining draining -> {
                end(draining);
                host.resign(shard);
                unheld(draining.tenure.ownership());
            }
            case State.Releasing releasing -> log.debug("group shard {} was unloaded while being released", shard);
            case State.Idle idle -> log.debug("group shard {} was unloaded while idle", shard);
            case State.Claiming claiming -> log.debug("group shard {} was unloaded while being claimed", shard);
        }
    }

    /** A tenure can write no more. */
    void lost(ShardTenure tenure, ShardLostException why) {
        if (state instanceof State.Active active && active.tenure.equals(tenure)) {
            log.warn("lost {}", why.getMessage());
            unload(tenure, null);
            acquisition = null;
            host.lost(shard, why);
        } else if (state instanceof State.Draining draining && draining.tenure.equals(tenure)) {
            end(draining);
            unload(tenure, null);
        }
    }

    private void next() {
        if (!(state instanceof State.Idle)) {
            return;
        }
        if (releasing != null) {
            CompletableFuture<Void> done = releasing;
            releasing = null;
            done.complete(null);
        }
        if (acquisition != null && ready) {
            ShardClaim claim = host.claim(shard, acquisition.as);
            state = new State.Claiming(claim);
            claim.start().whenComplete((ownership, failure) -> claimed(claim, ownership, failure));
        }
    }

    private void claimed(ShardClaim claim, @Nullable Ownership ownership, @Nullable Throwable failure) {
        if (!(state instanceof State.Claiming claiming) || !claiming.claim.equals(claim)) {
            return;
        }
        if (ownership == null) {
            giveUp(
                    failure instanceof ShardLostException lost
                            ? lost
                            : new ShardLostException(shard, "it cannot be claimed"));
            becomeIdle();
            return;
        }
        var load = new ShardLoad(ownership);
        state = new State.Loading(load);
        heldRevision = ownership.revision();
        standing = Standing.heldBy(ownership.incarnation());
        host.elect(load);
    }

    private void drain(ShardTenure tenure) {
        answering = false;
        state = new State.Draining(tenure, loop.schedule(drainLimit, () -> drained(tenure)));
        tenure.drain(() -> drained(tenure));
    }

    private void drained(ShardTenure tenure) {
        if (state instanceof State.Draining draining && draining.tenure.equals(tenure)) {
            end(draining);
            unload(tenure, tenure.ownership());
        }
    }

    private void unload(ShardTenure tenure, @Nullable Ownership toRelease) {
        end(tenure);
        state = new State.Unloading(toRelease);
        host.resign(shard);
    }

    /** The runtime has nothing of the shard any more. */
    private void unheld(@Nullable Ownership toRelease) {
        heldRevision = 0;
        standing = Standing.notHeld();
        if (toRelease == null) {
            becomeIdle();
        } else {
            releaseInStore(toRelease.incarnation()).start(toRelease);
        }
    }

    private ShardRelease releaseInStore(BrokerIncarnation as) {
        ShardRelease release = host.release(shard, as, this::becomeIdle);
        state = new State.Releasing(release);
        return release;
    }

    private void end(State.Draining draining) {
        draining.deadline.cancel();
        end(draining.tenure);
    }

    private void end(@Nullable ShardTenure tenure) {
        answering = false;
        if (tenure != null) {
            tenure.close();
        }
    }

    private void giveUp(ShardLostException why) {
        if (acquisition != null) {
            acquisition.done.completeExceptionally(why);
            acquisition = null;
        }
    }

    private void becomeIdle() {
        state = new State.Idle();
        next();
    }
}
