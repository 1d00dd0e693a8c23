package io.kafscale.objectstore.local;

import io.kafscale.objectstore.ObjectKeys;
import io.kafscale.objectstore.ObjectPage;
import io.kafscale.objectstore.ObjectSummary;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;

/**
 * One page of a listing, taken by walking only the directories that can hold keys of it, in key order, and stopping when it is
 * full. Used once, by one thread.
 *
 * <p>Key order is not the order of names: {@code a-b} sorts before {@code a/c}, because {@code -} sorts before {@code /}. So a
 * directory's names are taken in order, and one that turns out to be a directory is put back under its name with a slash. That also
 * means that only names that are reached are ever looked at more closely.
 */
final class TreeListing {
    /** A name in a directory, under the key it would have; {@code directory} once it is known to be one. */
    private record Entry(String key, Path path, boolean directory) implements Comparable<Entry> {
        @Override
        public int compareTo(Entry other) {
            return key.compareTo(other.key);
        }
    }

    private final Path root;
    private final String prefix;
    private final String startAfter;
    private final int limit;
    private final List<ObjectSummary> found = new ArrayList<>();

    TreeListing(Path root, String prefix, String startAfter, int limit) {
        this.root = root;
        this.prefix = prefix;
        this.startAfter = startAfter;
        this.limit = limit;
    }

    ObjectPage page() throws IOException {
        String whole = prefix.substring(0, prefix.lastIndexOf('/') + 1);
        walk(root.resolve(whole), whole);
        boolean more = found.size() > limit;
        return new ObjectPage(more ? found.subList(0, limit) : found, more);
    }

    private boolean full() {
        return found.size() > limit;
    }

    private void walk(Path directory, String directoryKey) throws IOException {
        var entries = entries(directory, directoryKey);
        while (!full() && !entries.isEmpty()) {
            Entry next = entries.remove();
            if (next.directory) {
                walk(next.path, next.key);
                continue;
            }
            BasicFileAttributes attributes;
            try {
                attributes = Files.readAttributes(next.path, BasicFileAttributes.class);
            } catch (NoSuchFileException deletedMeanwhile) {
                continue;
            }
            if (attributes.isDirectory()) {
                var subtree = new Entry(next.key + "/", next.path, true);
                if (subtreeMayMatch(subtree.key)) {
                    entries.add(subtree);
                }
            } else if (attributes.isRegularFile()
                    && next.key.startsWith(prefix)
                    && next.key.compareTo(startAfter) > 0) {
                long modifiedMs = attributes.lastModifiedTime().toMillis();
                found.add(new ObjectSummary(next.key, attributes.size(), modifiedMs));
            }
        }
    }

    private PriorityQueue<Entry> entries(Path directory, String directoryKey) throws IOException {
        var entries = new PriorityQueue<Entry>();
        try (var names = Files.newDirectoryStream(directory)) {
            for (Path path : names) {
                String name = String.valueOf(path.getFileName());
                String key = directoryKey + name;
                // Whatever else lives in the directory (lost+found, an editor's backup) is no object of ours.
                boolean ours = ObjectKeys.isSegment(name) && !(directoryKey.isEmpty() && ObjectKeys.isReserved(name));
                if (ours && mayMatch(key)) {
                    entries.add(new Entry(key, path, false));
                }
            }
        } catch (NoSuchFileException | NotDirectoryException none) {
            entries.clear();
        } catch (DirectoryIteratorException failed) {
            throw failed.getCause();
        }
        return entries;
    }

    /** Whether the key, or one below it should it be a directory, may belong to the page. */
    private boolean mayMatch(String key) {
        boolean inPrefix = key.startsWith(prefix) || prefix.startsWith(key + "/");
        return inPrefix && (key.compareTo(startAfter) > 0 || startAfter.startsWith(key));
    }

    private boolean subtreeMayMatch(String key) {
        boolean inPrefix = key.startsWith(prefix) || prefix.startsWith(key);
        return inPrefix && (key.compareTo(startAfter) > 0 || startAfter.startsWith(key));
    }
}
