package io.kafscale.log.wal;

import io.kafscale.format.wal.WalObject;
import io.kafscale.log.LogException;
import io.kafscale.objectstore.StorageException;
import java.util.concurrent.CompletableFuture;

/** Sends one object by itself, again and again, until it is known who holds its place: genesis objects and seals. Log loop only. */
final class SoloUpload implements UploadOwner {
    private final CompletableFuture<Boolean> result = new CompletableFuture<>();
    private final FailureLog failures;

    private SoloUpload(WalStore store) {
        this.failures = new FailureLog(store.loop().time());
    }

    /**
     * Creates the object.
     *
     * @return whether it is there; false if the place is somebody else's. Fails with {@link LogException} if the store was closed;
     *     cancelling it gives the object up
     */
    static CompletableFuture<Boolean> create(WalStore store, WalSettings settings, WalObject object) {
        var solo = new SoloUpload(store);
        var upload = new WalUpload(store, settings, object, solo, () -> {});
        solo.result.whenComplete((_, _) -> upload.abandon());
        upload.send();
        return solo.result;
    }

    @Override
    public void attemptFailed(WalUpload upload, StorageException failure) {
        failures.add(failure);
    }

    @Override
    public void ready(WalUpload upload) {
        upload.send();
    }

    @Override
    public void durable(WalUpload upload) {
        result.complete(true);
    }

    @Override
    public void lost(WalUpload upload, String found) {
        result.complete(false);
    }

    @Override
    public void storeClosed(WalUpload upload, StorageException failure) {
        result.completeExceptionally(
                new LogException(LogException.Kind.CLOSED, "the object store was closed", failure));
    }
}
