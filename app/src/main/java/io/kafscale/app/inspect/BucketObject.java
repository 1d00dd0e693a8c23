package io.kafscale.app.inspect;

import io.kafscale.objectstore.ObjectPage;
import io.kafscale.objectstore.ObjectStore;
import io.kafscale.objectstore.ObjectSummary;
import io.kafscale.objectstore.Payload;
import io.kafscale.objectstore.StorageException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * An object in an object store. Main thread.
 *
 * @param place what the store's keys are below, such as {@code s3://bucket}
 */
record BucketObject(ObjectStore store, String place, String key) implements StoredObject {
    private static final int MAX_BYTES = Integer.MAX_VALUE - 64; // the longest array there can be, about

    @Override
    public String name() {
        return place + "/" + key;
    }

    @Override
    public Optional<ByteBuffer> read() {
        try {
            return Optional.of(await(store.get(key, MAX_BYTES)));
        } catch (StorageException failed) {
            if (failed.kind() == StorageException.Kind.NOT_FOUND) {
                return Optional.empty();
            }
            throw failed;
        }
    }

    @Override
    public StoredObject sibling(String fileName) {
        return new BucketObject(store, place, prefix() + fileName);
    }

    @Override
    public List<String> fileNames() {
        var names = new ArrayList<String>();
        String last = "";
        ObjectPage page;
        do {
            page = await(store.list(prefix(), last, ObjectPage.MAX_LIMIT));
            for (ObjectSummary object : page.objects()) {
                names.add(object.key().substring(prefix().length()));
                last = object.key();
            }
        } while (page.more());
        return names;
    }

    /** Deletes and creates: the port knows no overwriting. Who reads in between finds no index and builds one for himself. */
    @Override
    public void replace(ByteBuffer content) {
        await(store.delete(List.of(key)));
        var payload = Payload.of(content);
        try {
            var outcome = await(store.putIfAbsent(key, payload));
            if (outcome == ObjectStore.PutOutcome.ALREADY_EXISTS) {
                throw new StorageException(
                        StorageException.Kind.CONFLICT,
                        key,
                        "somebody else wrote this object just now: look at it again");
            }
        } finally {
            payload.release();
        }
    }

    private String prefix() {
        return key.substring(0, key.lastIndexOf('/') + 1);
    }

    private static <T> T await(CompletableFuture<T> call) {
        try {
            return call.join();
        } catch (CompletionException failed) {
            throw failed.getCause() instanceof StorageException storage ? storage : failed;
        }
    }
}
