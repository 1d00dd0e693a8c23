package io.kafscale.metastore.etcd;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.CommitResult;
import io.kafscale.metastore.CommitResult.Committed;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import io.kafscale.metastore.MetadataException.Kind;
import io.kafscale.metastore.MetadataStore;
import io.kafscale.metastore.RangeResult;
import io.kafscale.metastore.Transaction;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** A test's blocking way to use a store. For one thread. */
record StoreUser(MetadataStore store) {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(LIMIT.toSeconds(), SECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new AssertionError(failed);
        } catch (TimeoutException late) {
            throw new AssertionError("no answer", late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new AssertionError(interrupted);
        }
    }

    /** What {@code future} fails with. */
    static Kind failureOf(CompletableFuture<?> future) {
        try {
            throw new AssertionError("did not fail but is " + await(future));
        } catch (MetadataException failure) {
            return failure.kind();
        }
    }

    /** Calls again and again, for what nobody tells of. */
    static void until(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("never: " + what);
            }
            Thread.onSpinWait();
        }
    }

    Optional<KeyValue> get(String key) {
        return await(store.get(key));
    }

    RangeResult range(String prefix) {
        return await(store.range(prefix));
    }

    long put(String key, String value) {
        return put(key, Bytes.utf8(value));
    }

    long put(String key, Bytes value) {
        return committed(Transaction.builder().put(key, value));
    }

    long committed(Transaction.Builder transaction) {
        CommitResult answer = await(store.commit(transaction.build()));
        assertThat(answer).isInstanceOf(Committed.class);
        return ((Committed) answer).revision();
    }

    /** Creates a key whatever happens on the way: sends the same transaction until it was applied, once. */
    void createThrough(String key, String value) {
        Transaction create = Transaction.builder()
                .requireAbsent(key)
                .put(key, Bytes.utf8(value))
                .build();
        until(key + " is created", () -> {
            try {
                CommitResult answer = await(store.commit(create));
                return answer.committed() || valueIn(answer, key).equals(value);
            } catch (MetadataException failure) {
                assertThat(failure.kind()).isIn(Kind.OUTCOME_UNKNOWN, Kind.UNAVAILABLE);
                return false;
            }
        });
    }

    private static String valueIn(CommitResult answer, String key) {
        return ((CommitResult.Conflict) answer)
                .current()
                .getOrDefault(key, Optional.empty())
                .map(found -> found.value().utf8())
                .orElse("");
    }
}
