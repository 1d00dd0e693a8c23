package io.kafscale.app.inspect;

import io.kafscale.app.cli.CommandException;
import io.kafscale.app.cli.Progress;
import java.nio.ByteBuffer;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.ToIntFunction;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code FILE|URI}: the object that a command looks into. Mixed into the commands of this package; main thread. */
final class ObjectArgument {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Parameters(
            paramLabel = "FILE|URI",
            description =
                    "A file, file:///path, or s3://bucket/key. A bucket is reached as the settings storage.s3.* say.")
    private String object;

    /** Runs {@code command} with the object, whose store is closed afterwards. */
    int with(ToIntFunction<StoredObject> command) {
        return command.applyAsInt(new FileObject(path()));
    }

    private Path path() {
        try {
            return object.startsWith("file:") ? Path.of(object.substring(5).replaceFirst("^/+", "/")) : Path.of(object);
        } catch (InvalidPathException malformed) {
            throw new CommandException("'" + object + "' names no object: " + malformed.getMessage(), malformed);
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
