package io.kafscale.log.wal;

import io.kafscale.objectstore.StorageException;

/** Whoever decides when the attempts of a {@link WalUpload} are made. Called on the log loop. */
interface UploadOwner {
    /** An attempt failed; the object is in doubt. */
    void attemptFailed(WalUpload upload, StorageException failure);

    /** The wait after a failure is over: {@link WalUpload#send} when there is room. */
    void ready(WalUpload upload);

    /** The object is in the store, durably, and it is this one. */
    void durable(WalUpload upload);

    /** The place in the stream is somebody else's; nothing of this object is there. */
    void lost(WalUpload upload, String found);

    /** The store was closed under the upload: it will never be known. */
    void storeClosed(WalUpload upload, StorageException failure);
}
