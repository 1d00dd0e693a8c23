/**
 * The {@code broker} command, and what it starts. The only place in the program that knows which stores there are.
 *
 * <p>{@link io.kafscale.app.node.BrokerCommand} reads the settings, has a {@link io.kafscale.app.node.NodeStarter} start a
 * {@link io.kafscale.app.node.RunningNode}, says where it listens and stores, and waits for it to end or for a signal to stop it.
 * {@link io.kafscale.app.node.Stores} turns {@code storage.uri} and {@code metadata.uri} into an object store and a metadata store.
 *
 * <p>Starting and stopping happens on the main thread and on that of the stop signal; what runs in between has its own threads.
 */
@NullMarked
package io.kafscale.app.node;

import org.jspecify.annotations.NullMarked;
