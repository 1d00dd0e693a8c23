package io.kafscale.simulation.store;

import io.kafscale.simulation.World;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How the object store behaves at the moment, and what becomes of each request. Confined to the simulation's one thread.
 */
public final class StoreWeather {
    /** The kinds of weather. */
    public enum Sky {
        /** Every request succeeds. */
        FAIR,
        /** Something happens to a share of the requests. */
        ROUGH,
        /** Most requests are refused at once. */
        REFUSING,
        /** Most requests get no answer until they time out. */
        SILENT
    }

    /** What becomes of a put. */
    enum PutFate {
        /** It lands and is answered. */
        PROMPT,
        /** It never arrives; the client learns nothing. */
        REQUEST_LOST,
        /** It lands; the client learns nothing. */
        ANSWER_LOST,
        /** The client learns nothing, and then it lands. */
        LANDS_LATE,
        /** It lands twice, and the first landing is answered. */
        LANDS_TWICE,
        /** It lands twice, and the second landing is answered. */
        SECOND_ANSWERED,
        /** It is refused and does not land. */
        REFUSED,
        /** It is answered with a failure and lands all the same. */
        FAILED_BUT_LANDS
    }

    private static final PutFate[] TROUBLE = PutFate.values();

    private final StoreSettings settings;
    private final RandomGenerator random;
    private Sky sky = Sky.FAIR;
    private long sinceNanos;

    /** Fair weather. */
    public StoreWeather(StoreSettings settings, RandomGenerator random) {
        this.settings = settings;
        this.random = random;
    }

    /** The weather changes. */
    public void set(Sky next, long nowNanos) {
        sky = next;
        sinceNanos = nowNanos;
    }

    /** How long nothing has gone wrong any more, not even with requests from before; negative if something may. */
    public Duration settledFor(long nowNanos) {
        return sky == Sky.FAIR
                ? Duration.ofNanos(nowNanos - sinceNanos).minus(settings.timeout())
                : Duration.ofSeconds(-1);
    }

    /** The weather. */
    public Sky sky() {
        return sky;
    }

    PutFate nextPut() {
        return switch (sky) {
            case FAIR -> PutFate.PROMPT;
            case ROUGH -> chance(settings.trouble()) ? TROUBLE[random.nextInt(TROUBLE.length)] : PutFate.PROMPT;
            case REFUSING -> chance(0.95) ? PutFate.REFUSED : chance(0.5) ? PutFate.FAILED_BUT_LANDS : PutFate.PROMPT;
            case SILENT -> chance(0.7) ? PutFate.REQUEST_LOST : chance(0.5) ? PutFate.ANSWER_LOST : PutFate.LANDS_LATE;
        };
    }

    /** Whether a read, listing or deletion fails. */
    boolean nextFails() {
        return switch (sky) {
            case FAIR -> false;
            case ROUGH -> chance(settings.trouble() / 2);
            case REFUSING, SILENT -> chance(0.95);
        };
    }

    /** One way of a request. */
    Duration latency() {
        var typical = settings.latency().dividedBy(2);
        return sky == Sky.ROUGH && chance(settings.trouble() / 4)
                ? World.skewed(typical.multipliedBy(30), random)
                : World.skewed(typical, random);
    }

    /** How long a read stands still on its way, on top of its latency: some do, for as long as a client waits. */
    Duration standstill() {
        return sky == Sky.ROUGH && chance(settings.standstill())
                ? World.between(Duration.ZERO, settings.timeout(), random)
                : Duration.ZERO;
    }

    /** How long a client waits for an answer that does not come. */
    Duration timeout() {
        return World.between(settings.timeout().dividedBy(2), settings.timeout(), random);
    }

    /** How long a request goes on after its client was told that nothing is known of it. */
    Duration lateness() {
        return chance(0.7)
                ? World.between(Duration.ZERO, settings.timeout(), random)
                : World.between(Duration.ZERO, settings.mostLate(), random);
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }
}
