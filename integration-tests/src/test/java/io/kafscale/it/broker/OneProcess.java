package io.kafscale.it.broker;

import io.kafscale.it.process.ChildProcess;
import io.kafscale.it.process.Directories;
import io.kafscale.testkit.net.LoopbackPort;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A broker that is one process with a port and a directory of its own. Whoever extends it calls {@link #launch} and {@link #awaitReady}
 * when it can tell how the process is started.
 */
public abstract class OneProcess implements BrokerUnderTest {
    private final Path directory;
    private final Duration stopLimit;
    private final int port = LoopbackPort.free();
    private @Nullable ChildProcess process;

    /**
     * Nothing runs yet.
     *
     * @param name what its directory is called
     * @param stopLimit how long an orderly end may take
     */
    protected OneProcess(String name, Duration stopLimit) {
        this.directory = Directories.newData(name);
        this.stopLimit = stopLimit;
    }

    /** Starts the process; waits for nothing. */
    protected abstract ChildProcess newProcess();

    /** What it keeps on the disk, deleted when it is closed. */
    protected final Path directory() {
        return directory;
    }

    /** Where it listens. */
    protected final int port() {
        return port;
    }

    /** The process that runs or ran last. */
    protected final ChildProcess process() {
        if (process == null) {
            throw new IllegalStateException("not launched yet");
        }
        return process;
    }

    @Override
    public final String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    @Override
    public final void launch() {
        process = newProcess();
    }

    @Override
    public final void kill() {
        process().kill();
    }

    @Override
    public final void stop() {
        process().terminate(stopLimit);
    }

    @Override
    public final long residentBytes() {
        return ResidentMemory.bytes(process().pid());
    }

    @Override
    public void close() {
        kill();
        Directories.delete(directory);
    }
}
