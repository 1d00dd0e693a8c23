package io.kafscale.app.cli;

import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Tells the user what a command is doing once it has taken longer than a second: on a terminal one line that is kept up to date,
 * elsewhere a line now and then. Opened and closed by the main thread; the display has a thread of its own.
 */
public final class Progress implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    private static final Duration LINES_APART = Duration.ofSeconds(10);

    private final PrintWriter err;
    private final Supplier<String> activity;
    private final boolean terminal;
    private final ScheduledThreadPoolExecutor timer;
    private final long startNanos = System.nanoTime();
    private int shownColumns;

    /** Watches something that logs while it goes on, which would tear a line that is kept up to date. */
    public static Progress besideLog(PrintWriter err, String activity) {
        return besideLog(err, () -> activity, LINES_APART);
    }

    /** The same, of something whose description changes, with a line so often. */
    public static Progress besideLog(PrintWriter err, Supplier<String> activity, Duration linesApart) {
        return new Progress(err, activity, false, linesApart);
    }

    private Progress(PrintWriter err, Supplier<String> activity, boolean terminal, Duration linesApart) {
        this.err = err;
        this.activity = activity;
        this.terminal = terminal;
        this.timer = new ScheduledThreadPoolExecutor(
                1, task -> Thread.ofPlatform().name("progress").daemon().unstarted(task));
        long period = terminal ? PATIENCE.toMillis() : linesApart.toMillis();
        timer.scheduleAtFixedRate(this::show, PATIENCE.toMillis(), period, TimeUnit.MILLISECONDS);
    }

    /** Starts to watch something that may take long, such as "waiting for the broker". */
    public static Progress of(PrintWriter err, String activity) {
        return of(err, () -> activity);
    }

    /** Starts to watch something whose description changes; it is asked on the display's thread. */
    public static Progress of(PrintWriter err, Supplier<String> activity) {
        return new Progress(err, activity, isTerminal(), LINES_APART);
    }

    /** Whether somebody sits before this. */
    public static boolean isTerminal() {
        // Since JDK 25 there is no console again where nobody sits before it, whatever static analysis believes of JDK
        // 22.
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    private synchronized void show() {
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos);
        String line = activity.get() + " (" + seconds + " s)";
        if (terminal) {
            err.print("\r" + line + " ".repeat(Math.max(0, shownColumns - line.length())));
            shownColumns = line.length();
        } else {
            err.println(line);
        }
        err.flush();
    }

    /** Stops the display and clears its line. */
    @Override
    public void close() {
        timer.shutdownNow();
        synchronized (this) {
            if (shownColumns > 0) {
                err.print("\r" + " ".repeat(shownColumns) + "\r");
                err.flush();
                shownColumns = 0;
            }
        }
    }
}
