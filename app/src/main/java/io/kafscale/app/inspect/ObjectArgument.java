package io.kafscale.app.inspect;

import io.kafscale.app.cli.CommandException;
import io.kafscale.app.cli.Progress;
import io.kafscale.app.cli.SettingsOptions;
import io.kafscale.app.node.Stores;
import io.kafscale.app.settings.KafscaleSettings;
import io.kafscale.app.settings.StorageUri;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.ToIntFunction;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code FILE|URI}: the object that a command looks into. Mixed into the commands of this package; main thread. */
final class ObjectArgument {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Mixin
    private SettingsOptions settings;

    @Parameters(
            paramLabel = "FILE|URI",
            description =
                    "A file, file:///path, or s3://bucket/key. A bucket is reached as the settings storage.s3.* say.")
    private String object;

    /** Runs {@code command} with the object, whose store is closed afterwards. */
    int with(ToIntFunction<StoredObject> command) {
        if (!object.startsWith("s3:")) {
            return command.applyAsInt(new FileObject(path()));
        }
        if (!(place() instanceof StorageUri.S3(var bucket, var key)) || key.isEmpty()) {
            throw new CommandException("'" + object + "' names no object; write s3://bucket/key.");
        }
        var how = KafscaleSettings.storage(settings.read()).s3();
        try (var store = Stores.openBucket(new StorageUri.S3(bucket, ""), how)) {
            return command.applyAsInt(new BucketObject(store, "s3://" + bucket, key));
        }
    }

    private StorageUri place() {
        try {
            return StorageUri.parse(object);
        } catch (IllegalArgumentException malformed) {
            throw new CommandException("'" + object + "' names no object; write s3://bucket/key.", malformed);
        }
    }

    private Path path() {
        try {
            return object.startsWith("file:") && StorageUri.parse(object) instanceof StorageUri.Directory(var path)
                    ? path
                    : Path.of(object);
        } catch (IllegalArgumentException malformed) {
            throw new CommandException("'" + object + "' " + malformed.getMessage() + ".", malformed);
        }
    }

    /** The object's content, with a progress display. */
    Optional<ByteBuffer> read(StoredObject stored) {
        try (var _ = Progress.of(spec.commandLine().getErr(), "reading " + stored.name())) {
            return stored.read();
        }
    }

    /** The content of an object that must exist. */
    ByteBuffer require(StoredObject stored) {
        return read(stored).orElseThrow(() -> new CommandException("There is no object " + stored.name() + "."));
    }

    /** Says something to the user, beside the data. */
    void say(String message) {
        spec.commandLine().getErr().println(message);
        spec.commandLine().getErr().flush();
    }
}
