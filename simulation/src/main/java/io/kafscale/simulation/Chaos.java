package io.kafscale.simulation;

import io.kafscale.simulation.broker.BrokerProcess;
import io.kafscale.simulation.broker.Supervisor;
import io.kafscale.simulation.store.StoreWeather.Sky;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * Lets things go wrong, one after the other and many at a time, until it is told to stop; then it mends what it broke. Confined to the
 * simulation's one thread.
 */
final class Chaos {
    private static final String NAME = "chaos";

    private final World world;
    private final ChaosSettings settings;
    private final Supervisor supervisor;
    private final Supervisor.Stores stores;
    private final RandomGenerator random;
    private Optional<Predicate<String>> trap = Optional.empty();
    private boolean stopped;

    Chaos(World world, ChaosSettings settings, Supervisor supervisor, Supervisor.Stores stores) {
        this.world = world;
        this.settings = settings;
        this.supervisor = supervisor;
        this.stores = stores;
        this.random = world.seeds().stream(NAME);
    }

    /** Begins. */
    void start() {
        world.after(World.between(Duration.ZERO, settings.interval().multipliedBy(2), random), () -> {
            if (!stopped) {
                strike();
                start();
            }
        });
    }

    /** An object of a process has landed. */
    void landed(BrokerProcess process, String key) {
        if (trap.isPresent() && trap.get().test(key)) {
            trap = Optional.empty();
            trace("lets " + process.name() + " crash at " + key);
            world.loop().execute(() -> crash(process));
        }
    }

    private void strike() {
        int[] weights = {
            settings.crash(),
            settings.crashAtLanding(),
            settings.storm(),
            settings.roughStore(),
            settings.outage(),
            settings.roughMetadata(),
            settings.cutOff(),
            settings.pause(),
            settings.second(),
            settings.indexDamage(),
            settings.compaction()
        };
        int sum = 0;
        for (int weight : weights) {
            sum += weight;
        }
        if (sum == 0) {
            return;
        }
        int left = random.nextInt(sum);
        int choice = 0;
        while (left >= weights[choice]) {
            left -= weights[choice++];
        }
        switch (choice) {
            case 0 -> newest().ifPresent(this::crash);
            case 1 -> setTrap();
            case 2 -> storm(3 + random.nextInt(9));
            case 3 -> weather(Sky.ROUGH, 20_000);
            case 4 -> weather(random.nextBoolean() ? Sky.REFUSING : Sky.SILENT, 12_000);
            case 5 -> roughMetadata();
            case 6 -> newest().ifPresent(this::cutOff);
            case 7 -> newest().ifPresent(this::pause);
            case 8 -> newest().ifPresent(this::replace);
            case 9 -> damageIndex();
            default -> {
                trace("compacts the metadata store");
                stores.metadata().range("/").thenAccept(now -> stores.metadata().compact(now.revision()));
            }
        }
    }

    private Optional<BrokerProcess> newest() {
        List<BrokerProcess> alive = supervisor.alive();
        return alive.isEmpty() ? Optional.empty() : Optional.of(alive.getLast());
    }

    private void crash(BrokerProcess process) {
        supervisor.crash(process, random.nextBoolean());
    }

    private void setTrap() {
        trap = Optional.of(
                switch (random.nextInt(5)) {
                    case 0 -> key -> key.endsWith(".kfs");
                    case 1 -> key -> key.endsWith(".index");
                    case 2 -> key -> key.endsWith("00000000000000000000.wal");
                    default -> {
                        int skip = random.nextInt(20);
                        var counter = new int[] {skip};
                        yield key -> key.endsWith(".wal") && counter[0]-- == 0;
                    }
                });
    }

    private void storm(int crashes) {
        if (crashes > 0 && !stopped) {
            newest().ifPresent(process -> supervisor.crash(process, true));
            world.after(World.between(Duration.ofMillis(100), Duration.ofSeconds(5), random), () -> storm(crashes - 1));
        }
    }

    private void weather(Sky sky, int mostMs) {
        trace("store is " + sky);
        stores.weather().set(sky, world.nowNanos());
        world.after(Duration.ofMillis(500 + random.nextInt(mostMs)), () -> {
            if (stores.weather().sky() == sky) {
                stores.weather().set(Sky.FAIR, world.nowNanos());
            }
        });
    }

    private void roughMetadata() {
        trace("metadata store is rough");
        supervisor.setMetadataRough(true);
        world.after(Duration.ofMillis(1_000 + random.nextInt(15_000)), () -> supervisor.setMetadataRough(false));
    }

    private void cutOff(BrokerProcess process) {
        if (!process.metadata().isCutOff()) {
            process.metadata().cutOff();
            world.after(Duration.ofMillis(500 + random.nextInt(25_000)), () -> reconnect(process));
        }
    }

    private static void reconnect(BrokerProcess process) {
        process.rejoin();
        if (process.metadata().isCutOff() && process.state() != BrokerProcess.State.DEAD) {
            process.metadata().reconnect();
        }
    }

    private void pause(BrokerProcess process) {
        if (!process.isPaused()) {
            process.pause();
            world.after(Duration.ofMillis(200 + random.nextInt(20_000)), () -> resume(process));
        }
    }

    private static void resume(BrokerProcess process) {
        if (process.isPaused() && process.state() != BrokerProcess.State.DEAD) {
            process.resume();
        }
    }

    /** Somebody takes the process for dead and starts another; later one of them is ended. */
    private void replace(BrokerProcess process) {
        if (supervisor.alive().size() > 1) {
            return;
        }
        trace("starts another process beside " + process.name());
        if (random.nextInt(4) == 0) {
            process.metadata().starveLeases();
            roughMetadata();
        } else {
            if (random.nextInt(3) == 0) {
                pause(process);
            }
            process.metadata().cutOff();
            if (random.nextBoolean()) {
                process.isolate();
            }
        }
        world.after(Duration.ofMillis(10_000 + random.nextInt(20_000)), () -> reconnect(process));
        supervisor.startSecond();
        world.after(Duration.ofMillis(15_000 + random.nextInt(30_000)), this::oneIsEnough);
    }

    /** Ends all processes but one; which one stays is chance. */
    private void oneIsEnough() {
        supervisor.wantOne();
        List<BrokerProcess> alive = supervisor.alive();
        if (alive.size() > 1) {
            int stays = random.nextInt(alive.size());
            for (int i = 0; i < alive.size(); i++) {
                if (i != stays) {
                    supervisor.crash(alive.get(i), random.nextBoolean());
                }
            }
        }
    }

    private void damageIndex() {
        var indexes = stores.bucket().keys("").stream()
                .filter(key -> key.endsWith(".index"))
                .filter(key -> stores.bucket()
                        .get(key)
                        .orElseThrow()
                        .hasRemaining()) // nothing is left to damage in the others
                .toList();
        if (indexes.isEmpty()) {
            return;
        }
        String key = indexes.get(random.nextInt(indexes.size()));
        ByteBuffer bytes = stores.bucket().get(key).orElseThrow();
        var copy = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
        switch (random.nextInt(3)) {
            case 0 -> {
                trace("loses " + key);
                stores.bucket().lose(key);
            }
            case 1 -> {
                int length = random.nextInt(copy.remaining());
                trace("cuts " + key + " off at " + length);
                stores.bucket().damage(key, copy.slice(0, length));
            }
            default -> {
                int position = random.nextInt(copy.remaining());
                trace("flips a bit of " + key + " at " + position);
                copy.put(position, (byte) (copy.get(position) ^ (1 << random.nextInt(8))));
                stores.bucket().damage(key, copy);
            }
        }
    }

    /** Nothing goes wrong any more, and everything works again; one process is left, or will be. */
    void stop() {
        stopped = true;
        trap = Optional.empty();
        stores.weather().set(Sky.FAIR, world.nowNanos());
        supervisor.setMetadataRough(false);
        supervisor.alive().forEach(process -> {
            resume(process);
            reconnect(process);
        });
        oneIsEnough();
        trace("ends");
    }

    private void trace(String what) {
        world.trace().fault(NAME, what);
    }
}
