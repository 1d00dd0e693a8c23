package io.kafscale.objectstore;

import static io.kafscale.objectstore.Outcomes.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.objectstore.StorageException.Kind;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class StoreProbeTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    private final SteppedLoop loop = new SteppedLoop();
    private final ScriptedStore scripted = new ScriptedStore();

    private CompletableFuture<Void> probe(ObjectStore store) {
        var result = new StoreProbe(store, "ns", loop, new SplittableRandom(7)).run(DEADLINE);
        loop.advance(Duration.ofSeconds(20));
        return result;
    }

    private String refusal(ObjectStore store) {
        var thrown = await(probe(store).handle((done, failure) -> failure));
        assertThat(thrown).isInstanceOf(StoreProbeException.class);
        return String.valueOf(thrown.getMessage());
    }

    @Test
    void aGoodStorePassesAndIsLeftAsItWas() {
        await(scripted.putIfAbsent("ns/topic/object", Payload.of()));
        // When
        await(probe(scripted));
        // Then
        assertThat(await(scripted.list("", "", 1000)).objects())
                .extracting(ObjectSummary::key)
                .containsExactly("ns/topic/object");
        assertThat(scripted.calls()).isLessThan(90);
    }

    @Test
    void hiccupsAreSleptOver() {
        scripted.failNext(Kind.UNAVAILABLE, Kind.OUTCOME_UNKNOWN, Kind.THROTTLED, Kind.CONFLICT);
        // When
        await(probe(scripted));
        // Then
        assertThat(await(scripted.list("", "", 1000)).objects()).isEmpty();
    }

    @Test
    void deniedAccessIsReportedAtOnce() {
        scripted.failNext(Kind.DENIED);
        // Then
        assertThat(refusal(scripted)).contains("scripted: refuses to create an object", "Check the credentials");
        assertThat(scripted.calls()).as("one try and the cleaning up").isEqualTo(2);
    }

    @Test
    void aStoreThatCannotCreateConditionallyIsRefused() {
        scripted.failNext(Kind.INVALID);
        assertThat(refusal(scripted)).contains("refuses to create an object", "If-None-Match");
    }

    @Test
    void aStoreThatDoesNotAnswerIsGivenUpInTime() {
        scripted.hang();
        assertThat(refusal(scripted)).contains("did not create an object within 10000 ms", "can be reached");
    }

    @Test
    void aStoreThatKeepsFailingIsGivenUpInTimeWithTheLastFailure() {
        for (int i = 0; i < 10_000; i++) {
            scripted.failNext(Kind.UNAVAILABLE);
        }
        assertThat(refusal(scripted)).contains("within 10000 ms", "The last failure: scripted");
    }

    @Test
    void aCreateThatReplacesIsFoundOut() {
        assertThat(refusal(new Broken() {
                    @Override
                    public CompletableFuture<PutOutcome> putIfAbsent(String key, Payload payload) {
                        return super.delete(List.of(key)).thenCompose(gone -> super.putIfAbsent(key, payload));
                    }
                }))
                .contains("does not honour create-if-absent", "If-None-Match");
    }

    @Test
    void aCreateThatRefusesButReplacesIsFoundOut() {
        assertThat(refusal(new Broken() {
                    @Override
                    public CompletableFuture<PutOutcome> putIfAbsent(String key, Payload payload) {
                        return super.get(key, 100)
                                .handle((content, missing) -> missing)
                                .thenCompose(missing -> super.delete(List.of(key))
                                        .thenCompose(gone -> super.putIfAbsent(key, payload))
                                        .thenApply(created ->
                                                missing == null ? PutOutcome.ALREADY_EXISTS : PutOutcome.CREATED));
                    }
                }))
                .contains("does not show what was written before", "'second'");
    }

    @Test
    void aCreateThatLooksFirstAndWritesThenIsFoundOut() {
        var late = new ArrayDeque<Runnable>();
        String refusal = refusal(new Broken() {
            @Override
            public CompletableFuture<PutOutcome> putIfAbsent(String key, Payload payload) {
                return super.get(key, 100).handle((content, missing) -> missing).thenCompose(missing -> {
                    if (missing == null) {
                        return CompletableFuture.completedFuture(PutOutcome.ALREADY_EXISTS);
                    }
                    var written = new CompletableFuture<PutOutcome>();
                    late.add(() -> super.delete(List.of(key))
                            .thenCompose(gone -> super.putIfAbsent(key, payload))
                            .thenAccept(written::complete));
                    loop.schedule(Duration.ofMillis(1), () -> late.remove().run());
                    return written;
                });
            }
        });
        // Then
        assertThat(refusal).contains("create-if-absent is not atomic: 16 of 16 racing writers");
    }

    @Test
    void aListingThatLagsIsFoundOut() {
        assertThat(refusal(new Broken() {
                    @Override
                    public CompletableFuture<ObjectPage> list(String prefix, String startAfter, int limit) {
                        return CompletableFuture.completedFuture(new ObjectPage(List.of(), false));
                    }
                }))
                .contains("listing does not show what was just written");
    }

    @Test
    void aDeletionThatLagsIsFoundOut() {
        assertThat(refusal(new Broken() {
                    @Override
                    public CompletableFuture<Void> delete(List<String> keys) {
                        return CompletableFuture.completedFuture(null);
                    }
                }))
                .contains("still shows an object that was deleted");
    }

    @Test
    void theStoreIsCleanedUpAfterAVerdictToo() {
        var store = new Broken() {
            @Override
            public CompletableFuture<ObjectPage> list(String prefix, String startAfter, int limit) {
                return CompletableFuture.completedFuture(new ObjectPage(List.of(), false));
            }

            List<ObjectSummary> left() {
                return await(super.list("", "", 1000)).objects();
            }
        };
        refusal(store);
        assertThat(store.left()).isEmpty();
    }

    /** A store with one fault each test gives it. */
    private static class Broken implements ObjectStore {
        private final ObjectStore store = InMemoryObjectStore.inline();

        @Override
        public CompletableFuture<PutOutcome> putIfAbsent(String key, Payload payload) {
            return store.putIfAbsent(key, payload);
        }

        @Override
        public CompletableFuture<ByteBuffer> get(String key, int maxBytes, ReadMemory memory) {
            return store.get(key, maxBytes, memory);
        }

        @Override
        public CompletableFuture<ByteBuffer> getRange(String key, long position, int length, ReadMemory memory) {
            return store.getRange(key, position, length, memory);
        }

        @Override
        public CompletableFuture<ObjectTail> getTail(String key, int length) {
            return store.getTail(key, length);
        }

        @Override
        public CompletableFuture<ObjectPage> list(String prefix, String startAfter, int limit) {
            return store.list(prefix, startAfter, limit);
        }

        @Override
        public CompletableFuture<Void> delete(List<String> keys) {
            return store.delete(keys);
        }

        @Override
        public String describe() {
            return "broken:";
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
