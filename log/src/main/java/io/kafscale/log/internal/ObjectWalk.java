package io.kafscale.log.internal;

import io.kafscale.objectstore.ObjectPage;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.ObjectSummary;
import io.kafscale.runtime.EventLoop;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Shows every object below a prefix, page by page, no further ahead than its visitor has come. Belongs to the loop. */
public final class ObjectWalk {
    private final ObjectStore store;
    private final EventLoop loop;

    /** Walks in this store. */
    public ObjectWalk(ObjectStore store, EventLoop loop) {
        this.store = store;
        this.loop = loop;
    }

    /**
     * Visits the objects below {@code prefix} behind {@code startAfter} in ascending order.
     *
     * @param visitor called on the loop; the next object comes when what it returns is complete, null to go on at once
     */
    public CompletableFuture<Void> each(
            String prefix, String startAfter, Function<ObjectSummary, @Nullable CompletableFuture<?>> visitor) {
        var at = new Object() {
            @Nullable
            String next = startAfter;
        };
        return LoopFutures.repeat(() -> {
            String from = at.next;
            return from == null
                    ? null
                    : LoopFutures.hop(store.list(prefix, from, ObjectPage.MAX_LIMIT), loop)
                            .thenCompose(page -> {
                                at.next = page.more() && !page.objects().isEmpty()
                                        ? page.objects().getLast().key()
                                        : null;
                                return visit(page, visitor);
                            });
        });
    }

    private static CompletableFuture<Void> visit(
            ObjectPage page, Function<ObjectSummary, @Nullable CompletableFuture<?>> visitor) {
        Iterator<ObjectSummary> left = page.objects().iterator();
        return LoopFutures.repeat(() -> {
            while (left.hasNext()) {
                CompletableFuture<?> busy = visitor.apply(left.next());
                if (busy != null) {
                    return busy;
                }
            }
            return null;
        });
    }
}
