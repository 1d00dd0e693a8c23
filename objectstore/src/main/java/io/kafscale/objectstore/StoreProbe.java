package io.kafscale.objectstore;

import io.kafscale.objectstore.ObjectStore.PutOutcome;
import io.kafscale.objectstore.StorageException.Kind;
import io.kafscale.runtime.Backoff;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.FutureFailure;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds out, before a broker trusts a store, whether it can be reached and used and keeps the promises that safety rests on: a
 * create-if-absent that never replaces and that exactly one of many racing writers wins, and reads, listings and deletions that show
 * at once what was written. Works below {@code namespace/.probe/} on keys nobody used before, about eighty requests, and cleans up.
 *
 * <p>Used once. All of it runs on the loop and what the store's futures complete on; nothing blocks.
 */
public final class StoreProbe {
    private static final int RACING_WRITERS = 16;
    private static final int ROUNDS = 4;
    private static final int MAX_OBJECT_BYTES = 100;
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(1));
    private static final String ATOMIC_STORES =
            "Use a store whose conditional writes (If-None-Match: *) are atomic, as AWS S3's are";

    private final ObjectStore store;
    private final String namespace;
    private final EventLoop loop;
    private final RandomGenerator random;
    private final CompletableFuture<Void> result = new CompletableFuture<>();
    private final List<String> keys = new ArrayList<>();
    private String step = "answer";
    private int attempts;
    private @Nullable StorageException lastFailure;
    private @Nullable StoreProbeException verdict;

    /**
     * A probe of {@code store}.
     *
     * @param random names the keys; used on the loop only. It must differ from start to start
     */
    public StoreProbe(ObjectStore store, String namespace, EventLoop loop, RandomGenerator random) {
        this.store = store;
        this.namespace = namespace;
        this.loop = loop;
        this.random = random;
    }

    /**
     * Probes the store.
     *
     * @param deadline how long it may take; failures that may pass are tried again until then
     * @return fails with {@link StoreProbeException}
     */
    public CompletableFuture<Void> run(Duration deadline) {
        var timer = loop.schedule(deadline, () -> result.completeExceptionally(late(deadline)));
        loop.execute(this::attempt);
        result.whenComplete((done, failure) -> timer.cancel());
        return result;
    }

    private void attempt() {
        if (result.isDone()) {
            return;
        }
        String prefix = namespace + "/.probe/" + "%016x".formatted(random.nextLong());
        String first = key(prefix, "first");
        createTwice(first)
                .thenComposeAsync(done -> listAgain(prefix, first), loop)
                .thenComposeAsync(done -> race(prefix, 0), loop)
                .thenComposeAsync(done -> deleteAll(first), loop)
                .whenCompleteAsync((done, failure) -> ended(failure), loop);
    }

    private CompletableFuture<Boolean> createTwice(String key) {
        return put("create an object", key, "first")
                .thenComposeAsync(
                        outcome -> {
                            require(
                                    outcome == PutOutcome.CREATED,
                                    "it says that a key exists which nobody has used",
                                    ATOMIC_STORES);
                            return put("create an object that exists", key, "second");
                        },
                        loop)
                .thenComposeAsync(
                        outcome -> {
                            require(
                                    outcome == PutOutcome.ALREADY_EXISTS,
                                    "it does not honour create-if-absent: a second create of the same key succeeded",
                                    ATOMIC_STORES);
                            return get("read an object", key);
                        },
                        loop)
                .thenApplyAsync(
                        content -> {
                            require(
                                    content.equals("first"),
                                    "it does not show what was written before: after a refused second create the object"
                                            + " holds '" + content + "'",
                                    ATOMIC_STORES);
                            return true;
                        },
                        loop);
    }

    private CompletableFuture<Boolean> listAgain(String prefix, String key) {
        step = "list objects";
        return store.list(prefix + "/", "", 10)
                .thenApplyAsync(
                        page -> {
                            var listed = page.objects().stream()
                                    .map(ObjectSummary::key)
                                    .toList();
                            require(
                                    listed.equals(List.of(key)),
                                    "its listing does not show what was just written: " + listed + " instead of " + key,
                                    "Use a store with consistent listings");
                            return true;
                        },
                        loop);
    }

    private CompletableFuture<Boolean> race(String prefix, int round) {
        if (round == ROUNDS) {
            return CompletableFuture.completedFuture(true);
        }
        String key = key(prefix, "race-" + round);
        var writers = new ArrayList<CompletableFuture<Answer>>();
        for (int writer = 0; writer < RACING_WRITERS; writer++) {
            int number = writer;
            writers.add(put("create an object in a race", key, "writer " + writer)
                    .handle((outcome, failure) -> new Answer(number, outcome, failure)));
        }
        return CompletableFuture.allOf(writers.toArray(CompletableFuture[]::new))
                .thenApplyAsync(
                        all -> winner(
                                writers.stream().map(CompletableFuture::join).toList()),
                        loop)
                .thenComposeAsync(
                        winner -> get("read an object after a race", key)
                                .thenAccept(content -> require(
                                        content.equals("writer " + winner),
                                        "its create-if-absent is not atomic: writer " + winner
                                                + " was told it won, but the object is from " + content,
                                        ATOMIC_STORES)),
                        loop)
                .thenComposeAsync(done -> race(prefix, round + 1), loop);
    }

    /** What one racing writer was told. */
    private record Answer(
            int writer,
            @Nullable PutOutcome outcome,
            @Nullable Throwable failure) {}

    private int winner(List<Answer> answers) {
        var winners = answers.stream()
                .filter(answer -> answer.outcome == PutOutcome.CREATED)
                .toList();
        require(
                winners.size() <= 1,
                "its create-if-absent is not atomic: " + winners.size() + " of " + RACING_WRITERS
                        + " racing writers were told that they created the same object",
                ATOMIC_STORES);
        if (winners.isEmpty()) {
            // Legal only if some writer was left in doubt; then the race decides nothing and the probe is repeated.
            throw answers.stream()
                    .flatMap(answer -> Stream.ofNullable(answer.failure))
                    .findFirst()
                    .<RuntimeException>map(failure -> StorageException.of(failure, Kind.UNAVAILABLE, ""))
                    .orElseGet(() -> wrong(
                            "all racing writers were told that the object exists, nobody that he created it",
                            ATOMIC_STORES));
        }
        return winners.getFirst().writer;
    }

    private CompletableFuture<Boolean> deleteAll(String first) {
        step = "delete objects";
        return store.delete(List.copyOf(keys))
                .thenComposeAsync(done -> store.get(first, MAX_OBJECT_BYTES), loop)
                .handleAsync(
                        (content, thrown) -> {
                            require(
                                    thrown != null,
                                    "it still shows an object that was deleted",
                                    "Use a store whose deletions are consistent");
                            var failure = StorageException.of(thrown, Kind.INVALID, first);
                            if (failure.kind() != Kind.NOT_FOUND) {
                                throw failure;
                            }
                            return true;
                        },
                        loop);
    }

    private void ended(@Nullable Throwable thrown) {
        if (thrown == null) {
            result.complete(null);
            return;
        }
        Throwable cause = FutureFailure.cause(thrown);
        if (cause instanceof StoreProbeException wrong) {
            cleanUpAndFail(wrong);
            return;
        }
        var failure = StorageException.of(cause, Kind.INVALID, "");
        lastFailure = failure;
        if (failure.kind().isTransient() && failure.kind() != Kind.DENIED) {
            loop.schedule(BACKOFF.delay(attempts++, random), this::attempt);
        } else {
            cleanUpAndFail(refused(failure));
        }
    }

    private void cleanUpAndFail(StoreProbeException failure) {
        verdict = failure;
        store.delete(List.copyOf(keys)).whenComplete((done, notDeleted) -> {
            if (notDeleted != null) {
                failure.addSuppressed(notDeleted);
            }
            result.completeExceptionally(failure);
        });
    }

    private StoreProbeException refused(StorageException failure) {
        String fix = failure.kind() == Kind.DENIED
                ? "Check the credentials, and that they may create, read, list and delete objects below " + namespace
                        + "/"
                : "The store must be able to create an object only if it is absent (If-None-Match: *)";
        return new StoreProbeException(
                "the object store " + store.describe() + " refuses to " + step + ": " + failure.getMessage() + ". "
                        + fix,
                failure);
    }

    private StoreProbeException late(Duration deadline) {
        if (verdict != null) {
            return verdict;
        }
        String what =
                "the object store " + store.describe() + " did not " + step + " within " + deadline.toMillis() + " ms";
        var failure = lastFailure;
        return failure == null
                ? new StoreProbeException(what + ". Check that it runs and can be reached")
                : new StoreProbeException(what + ". The last failure: " + failure.getMessage(), failure);
    }

    private void require(boolean kept, String otherwise, String fix) {
        if (!kept) {
            throw wrong(otherwise, fix);
        }
    }

    private StoreProbeException wrong(String what, String fix) {
        return new StoreProbeException(
                "the object store " + store.describe() + " cannot be used: " + what + ". " + fix);
    }

    private String key(String prefix, String name) {
        String key = prefix + "/" + name;
        keys.add(key);
        return key;
    }

    private CompletableFuture<PutOutcome> put(String what, String key, String content) {
        step = what;
        return store.putIfAbsent(key, Payload.of(ByteBuffer.wrap(content.getBytes(StandardCharsets.US_ASCII))));
    }

    private CompletableFuture<String> get(String what, String key) {
        step = what;
        return store.get(key, MAX_OBJECT_BYTES)
                .thenApply(bytes -> StandardCharsets.US_ASCII.decode(bytes).toString());
    }
}
