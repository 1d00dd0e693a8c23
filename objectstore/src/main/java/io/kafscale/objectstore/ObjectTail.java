package io.kafscale.objectstore;

import java.nio.ByteBuffer;

/**
 * The end of an object.
 *
 * @param objectSize the whole object's size in bytes
 * @param bytes its last bytes, in a heap buffer that belongs to the caller
 */
public record ObjectTail(long objectSize, ByteBuffer bytes) {}
