package io.kafscale.log.wal;

import io.kafscale.objectstore.ObjectPage;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.ObjectSummary;
import io.kafscale.objectstore.ObjectTail;
import io.kafscale.objectstore.Payload;
import io.kafscale.objectstore.ReadMemory;
import io.kafscale.objectstore.StorageException;
import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.simulated.SimulatedTime;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * An object store on simulated time that does to each request what a script says: when it lands, when and what it answers. A put's
 * bytes are read when it lands, not when it is asked for, and its payload is held until both have happened.
 */
final class ScriptedStore implements ObjectStore {
    static final Duration LATENCY = Duration.ofMillis(20);

    /** A put about to be carried out; {@code attempt} counts from 1 for each key. */
    record Put(String key, int attempt) {}

    /** A read, list or delete about to be carried out. */
    record Read(String operation, String key) {}

    /** What a request did. */
    record Request(String operation, String key, long atNanos) {}

    /**
     * What becomes of a put.
     *
     * @param lands when its bytes arrive; never if null
     * @param answers when it is answered; never if null
     * @param fails what the answer is if not the truth
     */
    record Script(
            @Nullable Duration lands,
            @Nullable Duration answers,
            @Nullable Kind fails) {
        static Script succeeds() {
            return after(LATENCY);
        }

        static Script after(Duration latency) {
            return new Script(latency, latency, null);
        }

        static Script fails(Kind kind) {
            return new Script(null, LATENCY, kind);
        }

        static Script landsButFails(Kind kind) {
            return new Script(LATENCY, LATENCY, kind);
        }

        static Script landsLate(Duration lands) {
            return new Script(lands, LATENCY, Kind.OUTCOME_UNKNOWN);
        }

        static Script neverAnswers(@Nullable Duration lands) {
            return new Script(lands, null, null);
        }
    }

    private final SimulatedTime time;
    private final EventLoop loop;
    private final NavigableMap<String, byte[]> objects = new TreeMap<>();
    private final Map<String, Integer> attempts = new HashMap<>();
    private final Map<String, Long> checksums = new HashMap<>();
    private final List<Request> requests = new ArrayList<>();
    private Function<Put, Script> puts = _ -> Script.succeeds();
    private Function<Read, @Nullable Kind> reads = _ -> null;
    private Function<Read, Duration> readLatency = _ -> Duration.ofMillis(5);
    private int transports;
    private int mostTransports;

    ScriptedStore(SimulatedTime time) {
        this.time = time;
        this.loop = time.newLoop("store");
    }

    void puts(Function<Put, Script> script) {
        this.puts = script;
    }

    /** Which reads, lists and deletes fail, and how; null for those that do not. */
    void reads(Function<Read, @Nullable Kind> script) {
        this.reads = script;
    }

    void readLatency(Duration latency) {
        this.readLatency = _ -> latency;
    }

    /** How long reads, lists and deletes take. */
    void readLatency(Function<Read, Duration> script) {
        this.readLatency = script;
    }

    List<Request> requests() {
        return requests;
    }

    List<Request> requests(String operation) {
        return requests.stream().filter(r -> r.operation().equals(operation)).toList();
    }

    /** The objects that are there; writing to it is somebody else's doing. */
    NavigableMap<String, byte[]> objects() {
        return objects;
    }

    /** Puts whose payload is held now. */
    int transports() {
        return transports;
    }

    int mostTransports() {
        return mostTransports;
    }

    @Override
    public CompletableFuture<PutOutcome> putIfAbsent(String key, Payload payload) {
        note("put", key);
        var script = puts.apply(new Put(key, attempts.merge(key, 1, Integer::sum)));
        payload.retain();
        transports++;
        mostTransports = Math.max(mostTransports, transports);
        var answer = new CompletableFuture<PutOutcome>();
        var landed = new PutOutcome[] {null};
        if (script.lands() != null) {
            loop.schedule(script.lands(), () -> landed[0] = land(key, payload));
        }
        if (script.answers() != null) {
            loop.schedule(script.answers(), () -> {
                if (script.fails() != null) {
                    answer.completeExceptionally(new StorageException(script.fails(), key, "as scripted"));
                } else {
                    answer.complete(landed[0]);
                }
            });
        }
        loop.schedule(later(script.lands(), script.answers()), () -> {
            transports--;
            payload.release();
        });
        return answer;
    }

    private static Duration later(@Nullable Duration a, @Nullable Duration b) {
        Duration first = a == null ? Duration.ZERO : a;
        Duration second = b == null ? Duration.ZERO : b;
        return first.compareTo(second) > 0 ? first : second;
    }

    private PutOutcome land(String key, Payload payload) {
        byte[] bytes = new byte[(int) payload.length()];
        var into = ByteBuffer.wrap(bytes);
        payload.slices().forEach(into::put);
        requireSameBytes(key, bytes);
        return objects.putIfAbsent(key, bytes) == null ? PutOutcome.CREATED : PutOutcome.ALREADY_EXISTS;
    }

    /** Objects with the same nonce at the same key are one object, and its bytes never change. */
    private void requireSameBytes(String key, byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes);
        Long before = checksums.putIfAbsent(key + "/" + ByteBuffer.wrap(bytes).getLong(28), crc.getValue());
        if (before != null && before != crc.getValue()) {
            throw new AssertionError("a retry of " + key + " carried other bytes");
        }
    }

    @Override
    public CompletableFuture<ByteBuffer> get(String key, int maxBytes, ReadMemory memory) {
        return read("get", key, () -> {
            byte[] all = existing(key);
            return memory.take(all.length).put(0, all);
        });
    }

    @Override
    public CompletableFuture<ByteBuffer> getRange(String key, long position, int length, ReadMemory memory) {
        return read("range", key, () -> {
            byte[] all = existing(key);
            int from = (int) Math.min(position, all.length);
            int count = Math.min(length, all.length - from);
            return memory.take(count).put(0, all, from, count);
        });
    }

    @Override
    public CompletableFuture<ObjectTail> getTail(String key, int length) {
        return read("tail", key, () -> {
            byte[] all = existing(key);
            int from = Math.max(0, all.length - length);
            return new ObjectTail(
                    all.length,
                    ByteBuffer.wrap(all.clone(), from, all.length - from).slice());
        });
    }

    @Override
    public CompletableFuture<ObjectPage> list(String prefix, String startAfter, int limit) {
        return read("list", prefix, () -> {
            var found =
                    objects
                            .tailMap(startAfter.isEmpty() ? prefix : startAfter, startAfter.isEmpty())
                            .entrySet()
                            .stream()
                            .takeWhile(e -> e.getKey().startsWith(prefix))
                            .limit(limit + 1L)
                            .map(e -> new ObjectSummary(e.getKey(), e.getValue().length, 0))
                            .toList();
            return new ObjectPage(found.subList(0, Math.min(limit, found.size())), found.size() > limit);
        });
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys) {
        var deleted = new CompletableFuture<Void>();
        read("delete", keys.getFirst(), () -> {
                    keys.forEach(objects::remove);
                    return 0;
                })
                .whenComplete((_, failure) -> {
                    if (failure == null) {
                        deleted.complete(null);
                    } else {
                        deleted.completeExceptionally(failure);
                    }
                });
        return deleted;
    }

    private byte[] existing(String key) {
        byte[] bytes = objects.get(key);
        if (bytes == null) {
            throw new StorageException(Kind.NOT_FOUND, key, "no such object");
        }
        return bytes;
    }

    private <T> CompletableFuture<T> read(String operation, String key, Supplier<T> result) {
        note(operation, key);
        var asked = new Read(operation, key);
        var fails = reads.apply(asked);
        var answer = new CompletableFuture<T>();
        loop.schedule(readLatency.apply(asked), () -> {
            try {
                if (fails != null) {
                    throw new StorageException(fails, key, "as scripted");
                }
                answer.complete(result.get());
            } catch (StorageException failure) {
                answer.completeExceptionally(failure);
            }
        });
        return answer;
    }

    private void note(String operation, String key) {
        requests.add(new Request(operation, key, time.nanoTime()));
    }

    @Override
    public String describe() {
        return "scripted:";
    }

    @Override
    public void close() {}
}
