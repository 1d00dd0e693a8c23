package io.kafscale.simulation.store;

import io.kafscale.objectstore.ObjectKeys;
import io.kafscale.objectstore.ObjectPage;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.ObjectTail;
import io.kafscale.objectstore.Payload;
import io.kafscale.objectstore.ReadMemory;
import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.simulation.World;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * One process's connection to a {@link Bucket}, and everything that can go wrong on it. It promises what S3 promises and nothing
 * more: a put is atomic and creates or finds, what was answered is seen by every later read and listing, a page may be short. A
 * payload is read when its request lands, which may be long after its future has failed and after its process has died.
 *
 * <p>Confined to the simulation's one thread; futures complete on the world's loop.
 */
public final class SimulatedObjectStore implements ObjectStore {
    private final World world;
    private final Bucket bucket;
    private final StoreWeather weather;
    private final StoreSettings settings;
    private final String client;
    private Consumer<String> onLanded = key -> {};
    private boolean dead;
    private int retained;

    /**
     * A connection.
     *
     * @param client the process, for the trace
     */
    public SimulatedObjectStore(
            World world, Bucket bucket, StoreWeather weather, StoreSettings settings, String client) {
        this.world = world;
        this.bucket = bucket;
        this.weather = weather;
        this.settings = settings;
        this.client = client;
    }

    /** Tells {@code listener} the key of each object that lands for the first time, before its client hears of it. */
    public void whenLanded(Consumer<String> listener) {
        onLanded = listener;
    }

    /** The process is gone: nothing is answered any more, and what has not left the machine never will. */
    public void die() {
        dead = true;
    }

    /** Payloads that a request still needs. */
    public int retainedPayloads() {
        return retained;
    }

    @Override
    public CompletableFuture<PutOutcome> putIfAbsent(String key, Payload payload) {
        ObjectKeys.checkKey(key);
        bucket.countRequest();
        var put = new Put(key, payload);
        put.start(weather.nextPut());
        return put.answer;
    }

    /** One put request. */
    private final class Put {
        private final String key;
        private final Payload payload;
        private final boolean cutByDeath = weather.chance(0.5);
        private final long requestedMs = world.time().wallClockMs();
        private final CompletableFuture<PutOutcome> answer = new CompletableFuture<>();

        Put(String key, Payload payload) {
            this.key = key;
            this.payload = payload;
            payload.retain();
            retained++;
        }

        void start(StoreWeather.PutFate fate) {
            boolean prompt = fate == StoreWeather.PutFate.PROMPT;
            trace(!prompt, prompt ? "put " + key : "put " + key + " -> " + fate);
            switch (fate) {
                case PROMPT -> after(weather.latency(), () -> landAndAnswer(weather.latency()));
                case REQUEST_LOST ->
                    after(weather.timeout(), () -> {
                        release();
                        fail(Kind.OUTCOME_UNKNOWN, "no answer");
                    });
                case ANSWER_LOST ->
                    after(weather.latency(), () -> {
                        land();
                        after(weather.timeout(), () -> {
                            release();
                            fail(Kind.OUTCOME_UNKNOWN, "no answer");
                        });
                    });
                case LANDS_LATE ->
                    after(weather.timeout(), () -> {
                        fail(Kind.OUTCOME_UNKNOWN, "no answer");
                        after(weather.lateness(), this::landAndRelease);
                    });
                case LANDS_TWICE -> {
                    ByteBuffer copy = bytes();
                    after(weather.latency(), () -> landAndAnswer(weather.latency()));
                    after(weather.latency().plus(weather.lateness()), () -> land(copy));
                }
                case SECOND_ANSWERED ->
                    after(weather.latency(), () -> {
                        land();
                        after(weather.latency(), () -> landAndAnswer(weather.latency()));
                    });
                case REFUSED ->
                    after(weather.latency(), () -> {
                        release();
                        refuse();
                    });
                case FAILED_BUT_LANDS -> {
                    after(weather.latency(), () -> fail(Kind.THROTTLED, "slow down"));
                    after(weather.latency().plus(weather.lateness()), this::landAndRelease);
                }
            }
        }

        private void landAndAnswer(Duration way) {
            PutOutcome outcome = land();
            after(way, () -> {
                release();
                if (!dead) {
                    answer.complete(outcome);
                }
            });
        }

        private void landAndRelease() {
            land();
            release();
        }

        private PutOutcome land() {
            return land(bytes());
        }

        private PutOutcome land(ByteBuffer bytes) {
            if (dead && cutByDeath) {
                return PutOutcome.ALREADY_EXISTS; // nobody hears it
            }
            PutOutcome outcome =
                    bucket.putIfAbsent(key, bytes, requestedMs, world.time().wallClockMs(), dead || answer.isDone());
            trace(false, (outcome == PutOutcome.CREATED ? "landed " : "exists ") + key);
            if (outcome == PutOutcome.CREATED) {
                onLanded.accept(key);
            }
            return outcome;
        }

        private ByteBuffer bytes() {
            var bytes = ByteBuffer.allocate((int) payload.length());
            payload.slices().forEach(bytes::put);
            return bytes.flip();
        }

        private void refuse() {
            Kind kind = switch (weather.chance(0.5) ? 0 : weather.chance(0.5) ? 1 : 2) {
                case 0 -> Kind.CONFLICT;
                case 1 -> Kind.THROTTLED;
                default -> Kind.OUTCOME_UNKNOWN;
            };
            fail(kind, "refused");
        }

        private void fail(Kind kind, String what) {
            trace(false, "put " + key + " failed: " + kind);
            if (!dead) {
                answer.completeExceptionally(new StorageException(kind, key, what));
            }
        }

        private void release() {
            retained--;
            payload.release();
        }
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, int maxBytes, ReadMemory memory) {
        return read("get", key, weather.standstill(), stored -> {
            if (stored.limit() > maxBytes) {
                throw new StorageException(Kind.TOO_LARGE, key, "it has " + stored.limit() + " bytes");
            }
            return copy(stored, 0, stored.limit(), memory);
        });
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long position, int length, ReadMemory memory) {
        return read("get range of", key, weather.standstill(), stored -> {
            int from = (int) Math.min(position, stored.limit());
            return copy(stored, from, Math.min(length, stored.limit() - from), memory);
        });
    }

    @Override
    public CompletableFuture<ObjectTail> getTail(String key, int length) {
        return read("get tail of", key, Duration.ZERO, stored -> {
            int count = Math.min(length, stored.limit());
            return new ObjectTail(stored.limit(), copy(stored, stored.limit() - count, count, ReadMemory.HEAP));
        });
    }

    private static ByteBuffer copy(ByteBuffer stored, int from, int count, ReadMemory memory) {
        return memory.take(count).put(0, stored, from, count);
    }

    private <T> CompletableFuture<T> read(
            String what, String key, Duration standstill, Function<ByteBuffer, T> reader) {
        ObjectKeys.checkKey(key);
        return call(
                what,
                key,
                standstill,
                () -> reader.apply(bucket.get(key)
                        .orElseThrow(() -> new StorageException(Kind.NOT_FOUND, key, "no such object"))));
    }

    @Override
    public CompletableFuture<ObjectPage> list(String prefix, String startAfter, int limit) {
        ObjectKeys.checkPrefix(prefix);
        ObjectPage.checkLimit(prefix, limit);
        return call(
                "list", prefix, Duration.ZERO, () -> bucket.list(prefix, startAfter, Math.min(limit, settings.page())));
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys) {
        keys.forEach(ObjectKeys::checkKey);
        bucket.countRequest();
        List<String> doomed = List.copyOf(keys);
        String what = "delete " + (doomed.isEmpty() ? "nothing" : doomed.size() + " from " + doomed.getFirst());
        boolean fails = weather.nextFails();
        trace(fails, fails ? what + " -> fails" : what);
        var answer = new CompletableFuture<Void>();
        after(weather.latency(), () -> {
            // A deletion that fails may have been carried out in part, or in full with its answer lost.
            int done = fails && weather.chance(0.7) ? doomed.size() / 2 : doomed.size();
            doomed.subList(0, done).forEach(bucket::delete);
            after(weather.latency(), () -> {
                if (!dead && fails) {
                    answer.completeExceptionally(
                            new StorageException(Kind.OUTCOME_UNKNOWN, doomed.getFirst(), "no answer"));
                } else if (!dead) {
                    answer.complete(null);
                }
            });
        });
        return answer;
    }

    /** A request that changes nothing: it sees the bucket as it is at one moment between question and answer. */
    private <T> CompletableFuture<T> call(String what, String key, Duration standstill, Supplier<T> question) {
        bucket.countRequest();
        boolean fails = weather.nextFails();
        trace(fails, fails ? what + " " + key + " -> fails" : what + " " + key);
        var answer = new CompletableFuture<T>();
        if (fails) {
            boolean slow = weather.sky() == StoreWeather.Sky.SILENT;
            Kind kind = weather.chance(0.5) ? Kind.UNAVAILABLE : Kind.THROTTLED;
            after(slow ? weather.timeout() : weather.latency(), () -> {
                if (!dead) {
                    answer.completeExceptionally(new StorageException(kind, key, "no answer"));
                }
            });
            return answer;
        }
        after(standstill.plus(weather.latency()), () -> {
            T value;
            try {
                value = question.get();
            } catch (StorageException failure) {
                after(weather.latency(), () -> {
                    trace(false, what + " " + key + " failed: " + failure.kind());
                    if (!dead) {
                        answer.completeExceptionally(failure);
                    }
                });
                return;
            }
            after(weather.latency(), () -> {
                if (!dead) {
                    answer.complete(value);
                }
            });
        });
        return answer;
    }

    private void after(Duration delay, Runnable step) {
        world.after(delay, step);
    }

    private void trace(boolean fault, String what) {
        if (fault) {
            world.trace().fault(client, what);
        } else {
            world.trace().add(client, what);
        }
    }

    @Override
    public String describe() {
        return "simulated";
    }

    @Override
    public void close() {
        trace(false, "closes its object store");
    }
}
