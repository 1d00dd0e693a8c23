package io.kafscale.log.check;

import io.kafscale.metastore.cluster.StoredNamespace;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What looks wrong, to be looked at again with metadata that is read after it was seen: brokers move on, and the facts in the
 * metadata come before what they allow. Bounded: beyond that, findings are only counted. Belongs to the loop.
 */
final class Suspects {
    private static final int LIMIT = 20_000;

    /**
     * One of them.
     *
     * @param confirmed the finding, if it still is one by metadata that is newer than the suspicion
     */
    record Suspect(Function<StoredNamespace, Optional<Finding>> confirmed) {}

    private final List<Suspect> suspects = new ArrayList<>();
    private long more;

    /** Suspects something that newer metadata may explain, or restrict. */
    void suspect(Function<StoredNamespace, Optional<Finding>> confirmed) {
        if (suspects.size() < LIMIT) {
            suspects.add(new Suspect(confirmed));
        } else {
            more++;
        }
    }

    /** Suspects something that no newer metadata can explain. */
    void add(Finding finding) {
        suspect(_ -> Optional.of(finding));
    }

    List<Finding> confirmedBy(StoredNamespace now) {
        return suspects.stream()
                .flatMap(suspect -> suspect.confirmed().apply(now).stream())
                .sorted(Comparator.comparing(Finding::severity).thenComparing(Finding::kind))
                .toList();
    }

    long more() {
        return more;
    }
}
