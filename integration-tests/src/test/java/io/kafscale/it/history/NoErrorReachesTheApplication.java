package io.kafscale.it.history;

import io.kafscale.it.history.Event.ClientFailed;
import io.kafscale.it.history.Event.Unsettled;
import java.util.function.Predicate;

/** Clients that retry as they do by default see nothing that their application has to deal with. */
final class NoErrorReachesTheApplication implements Rule {
    private final Predicate<String> probes;

    /** {@code probes} are the names of producers that do not retry. */
    NoErrorReachesTheApplication(Predicate<String> probes) {
        this.probes = probes;
    }

    @Override
    public void observe(Entry entry, Verdict verdict) {
        switch (entry.event()) {
            case ClientFailed failed -> verdict.violated(failed.toString());
            case Unsettled failed -> {
                if (!probes.test(failed.source().producer())) {
                    verdict.violated(failed.source().partition(), failed.toString());
                }
            }
            default -> {}
        }
    }
}
