package io.kafscale.it.ecosystem;

import io.kafscale.it.process.ChildProcess;
import io.kafscale.it.process.Directories;
import io.kafscale.it.process.JavaProgram;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process of a framework. What it leaves in the directory for temporary files is deleted when it is closed. */
final class FrameworkProcess implements AutoCloseable {
    private final Path temporary;
    private final ChildProcess process;

    private FrameworkProcess(Path temporary, ChildProcess process) {
        this.temporary = temporary;
        this.process = process;
    }

    /** A program of {@code module} with a small heap, and these options besides. */
    static JavaProgram program(String module, List<String> options) {
        var all = new ArrayList<>(List.of("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        all.addAll(options);
        return JavaProgram.of(module, all);
    }

    /** Starts {@code mainClass}. */
    static FrameworkProcess start(JavaProgram program, String mainClass, List<String> arguments) {
        Path temporary = Directories.newData(program.module());
        List<String> command = program.with("-Djava.io.tmpdir=" + temporary).command(mainClass, arguments);
        return new FrameworkProcess(temporary, ChildProcess.start(program.module(), command));
    }

    /** The process itself. */
    ChildProcess process() {
        return process;
    }

    /** Kills it if it still runs. */
    @Override
    public void close() {
        process.close();
        Directories.delete(temporary);
    }
}
