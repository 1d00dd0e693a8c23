/**
 * The object store on a local directory: what a single broker runs on when nothing else is configured.
 *
 * <p>{@link io.kafscale.objectstore.local.LocalObjectStore} is the port's implementation. It publishes whole objects only: the bytes
 * go to a temporary file, the file to the disk, then a hard link gives it its final name, which fails if that name is taken, and
 * last the directory goes to the disk. {@code DirectoryTree} makes and removes directories and knows which of them are on the disk;
 * {@code TreeListing} walks them in key order; {@code DirectoryLock} keeps a second process out; {@code DiskSync} is the one place
 * that calls fsync.
 *
 * <p>Calls run on virtual threads; semaphores bound how many touch the disk at a time.
 */
@NullMarked
package io.kafscale.objectstore.local;

import org.jspecify.annotations.NullMarked;
