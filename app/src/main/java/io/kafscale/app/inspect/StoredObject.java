package io.kafscale.app.inspect;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** One stored object, in a directory or a bucket. Main thread. */
interface StoredObject {
    /** Its path or URI, for people. */
    String name();

    /** Its whole content, which belongs to the caller; empty if there is no such object. */
    Optional<ByteBuffer> read();

    /** The object beside it with another file name. */
    StoredObject sibling(String fileName);

    /** File names of all objects beside it, itself included, in ascending order. */
    List<String> fileNames();

    /** Makes {@code content} its content, whether it existed or not. */
    void replace(ByteBuffer content);

    /** The part of {@link #name()} behind the last slash. */
    default String fileName() {
        return name().substring(name().lastIndexOf('/') + 1);
    }

    /** The part of {@link #name()} between the last two slashes; empty if there is none. */
    default String directoryName() {
        int end = name().lastIndexOf('/');
        return end <= 0 ? "" : name().substring(name().lastIndexOf('/', end - 1) + 1, end);
    }
}
