package io.kafscale.app.inspect;

import io.kafscale.app.cli.CommandException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/** A file. Read without any lock: objects never change, so that of a running broker can be looked at. Main thread. */
record FileObject(Path path) implements StoredObject {
    @Override
    public String name() {
        return path.toString();
    }

    @Override
    public Optional<ByteBuffer> read() {
        try (var channel = FileChannel.open(path, StandardOpenOption.READ)) {
            if (channel.size() > Integer.MAX_VALUE) {
                throw new CommandException(path + " has " + channel.size() + " bytes: no object of ours is that long.");
            }
            return Optional.of(channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size()));
        } catch (NoSuchFileException missing) {
            return Optional.empty();
        } catch (IOException unreadable) {
            throw new CommandException("Cannot read " + path + ": " + unreadable, unreadable);
        }
    }

    @Override
    public StoredObject sibling(String fileName) {
        return new FileObject(path.resolveSibling(fileName));
    }

    @Override
    public List<String> fileNames() {
        try (var files = Files.list(directory())) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        } catch (IOException unreadable) {
            throw new CommandException("Cannot list " + directory() + ": " + unreadable, unreadable);
        }
    }

    /** Writes beside the file, syncs, then renames over it and syncs the directory: whoever reads sees the old or the new content. */
    @Override
    public void replace(ByteBuffer content) {
        try {
            Path temporary = Files.createTempFile(directory(), ".rebuilt-", ".tmp");
            try (var channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                var rest = content.duplicate();
                while (rest.hasRemaining()) {
                    channel.write(rest);
                }
                channel.force(true);
            }
            Files.move(temporary, path, StandardCopyOption.ATOMIC_MOVE);
            try (var channel = FileChannel.open(directory(), StandardOpenOption.READ)) {
                channel.force(true);
            }
        } catch (IOException unwritable) {
            throw new CommandException("Cannot write " + path + ": " + unwritable, unwritable);
        }
    }

    private Path directory() {
        Path parent = path.toAbsolutePath().getParent();
        if (parent == null) {
            throw new CommandException(path + " is no file.");
        }
        return parent;
    }
}
