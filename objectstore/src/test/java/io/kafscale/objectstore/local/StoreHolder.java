package io.kafscale.objectstore.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A process that opens the store of its first argument, says so, and holds it until its input ends or it is killed. */
final class StoreHolder {
    private StoreHolder() {}

    /** Entry point. */
    public static void main(String[] arguments) throws IOException {
        try (var store = LocalObjectStore.open(LocalStoreSettings.in(Path.of(arguments[0])))) {
            System.out.write("open\n".getBytes(StandardCharsets.US_ASCII));
            System.out.flush();
            System.in.read();
            store.describe();
        }
    }
}
