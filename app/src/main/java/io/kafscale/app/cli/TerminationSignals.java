package io.kafscale.app.cli;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes the signals that ask a process to end (SIGTERM, Ctrl-C, the end of its terminal) instead of the JVM, each time one comes:
 * shutdown hooks see the first only and cannot set the exit code. Uses the JDK's {@code sun.misc.Signal} by reflection, since the
 * compiler knows no other way to accept it. Opened and closed by the main thread; signals arrive on threads of the JVM.
 */
public final class TerminationSignals implements AutoCloseable {
    private static final List<String> SIGNALS = List.of("TERM", "INT", "HUP");
    private static final Logger LOG = LoggerFactory.getLogger(TerminationSignals.class);

    private final Map<String, Object> before = new LinkedHashMap<>();

    private TerminationSignals() {}

    /** Runs {@code onSignal} for each signal from now on. */
    public static TerminationSignals handle(Runnable onSignal) {
        var signals = new TerminationSignals();
        try {
            Object handler = handler(onSignal);
            for (String name : SIGNALS) {
                signals.before.put(name, install(name, handler));
            }
        } catch (ReflectiveOperationException | IllegalArgumentException refused) {
            // -Xrs, or a runtime without jdk.unsupported: the process ends at once, as by kill -9, which is safe.
            LOG.warn("This Java passes no signals on: SIGTERM stops the broker without handing anything over", refused);
        }
        return signals;
    }

    private static Object handler(Runnable onSignal) throws ClassNotFoundException {
        Class<?> type = Class.forName("sun.misc.SignalHandler");
        return Proxy.newProxyInstance(
                TerminationSignals.class.getClassLoader(),
                new Class<?>[] {type},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "handle" -> {
                        onSignal.run();
                        yield null;
                    }
                    case "hashCode" -> System.identityHashCode(proxy);
                    case "equals" -> proxy == arguments[0];
                    default -> "the termination signals' handler";
                });
    }

    /** Returns what handled the signal before. */
    private static Object install(String name, Object handler) throws ReflectiveOperationException {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> type = Class.forName("sun.misc.SignalHandler");
        try {
            Object named = signal.getConstructor(String.class).newInstance(name);
            return signal.getMethod("handle", signal, type).invoke(null, named, handler);
        } catch (InvocationTargetException failed) {
            if (failed.getCause() instanceof IllegalArgumentException refused) {
                throw refused;
            }
            throw failed;
        }
    }

    /** Whoever handled the signals before does so again. */
    @Override
    public void close() {
        before.forEach((name, handler) -> {
            try {
                install(name, handler);
            } catch (ReflectiveOperationException | IllegalArgumentException refused) {
                LOG.warn("The handling of a signal stays changed [signal={}]", name, refused);
            }
        });
        before.clear();
    }
}
