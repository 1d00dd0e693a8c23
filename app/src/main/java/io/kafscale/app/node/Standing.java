package io.kafscale.app.node;

import java.util.List;

/**
 * What a broker is in its cluster, for people. Immutable.
 *
 * @param incarnation {@code {broker id}-{broker epoch}}
 * @param members each broker that is registered, with its address, by id
 */
public record Standing(int brokerId, String incarnation, String clusterId, List<String> members) {
    /** Copies the list. */
    public Standing {
        members = List.copyOf(members);
    }
}
