/**
 * The object store on a local directory: what a single broker runs on when nothing else is configured.
 *
 * <p>{@link io.kafscale.objectstore.local.LocalObjectStore} is the port's implementation. It publishes whole objects only: the bytes
 * go to a temporary file, the file to the disk, then it is renamed to its final name, if that is free, and
 * last the directory goes to the disk. {@code DirectoryTree} makes and removes directories and knows which of them are on the disk;
 * {@code TreeListing} walks them in key order; {@code DirectoryLock} keeps a second process out; {@code DiskSync} is the one place
 * that calls fsync.
 *
 * <p>Calls run on platform threads, so many at a time as the settings allow.
 */
@NullMarked
package io.kafscale.objectstore.local;

import org.jspecify.annotations.NullMarked;
