package io.kafscale.log.read;

import io.kafscale.format.CorruptObjectException;
import io.kafscale.log.partition.BatchSlices;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Several runs that follow each other, read as one as far as they go. Belongs to the log loop. */
final class RunSequence {
    private final List<CompletableFuture<BatchRun>> runs;
    private final ReadRange range;

    RunSequence(List<CompletableFuture<BatchRun>> runs, ReadRange range) {
        this.runs = List.copyOf(runs);
        this.range = range;
    }

    /**
     * Joins what the runs hold until one has more than is wanted, is damaged or could not be read; that is a failure only if nothing
     * comes before it.
     */
    CompletableFuture<BatchSlices> read() {
        return from(0, BatchSlices.none(range.offset()));
    }

    private CompletableFuture<BatchSlices> from(int i, BatchSlices before) {
        if (i == runs.size()) {
            return CompletableFuture.completedFuture(before);
        }
        return runs.get(i)
                .handle((run, failure) -> {
                    if (failure != null) {
                        return failed(before, failure);
                    }
                    ReadRange rest = range.after(before);
                    try {
                        BatchSlices all = before.then(
                                run.read(rest.offset(), rest.endOffset(), rest.maxBytes(), rest.atLeastOne()));
                        boolean exhausted = !run.isDamaged() && run.indexOf(all.nextOffset()) == run.count();
                        return exhausted ? from(i + 1, all) : CompletableFuture.completedFuture(all);
                    } catch (CorruptObjectException damaged) {
                        return failed(before, damaged);
                    }
                })
                .thenCompose(result -> result);
    }

    private static CompletableFuture<BatchSlices> failed(BatchSlices before, Throwable failure) {
        return before.isEmpty() ? CompletableFuture.failedFuture(failure) : CompletableFuture.completedFuture(before);
    }
}
