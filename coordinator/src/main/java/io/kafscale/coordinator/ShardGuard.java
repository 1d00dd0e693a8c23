package io.kafscale.coordinator;

import io.kafscale.metastore.cluster.BrokerIncarnation;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Tells whether answers may be given that no write backs: whether the shards of their groups were ours while they were computed.
 * Thread-safe.
 */
final class ShardGuard {
    private final List<ShardSeat> seats;
    private final ToIntFunction<String> shardOf;
    private final BrokerIncarnations incarnations;

    private record Asked(ShardSeat seat, Standing before) {}

    /**
     * A guard of a host.
     *
     * @param seats by shard
     */
    ShardGuard(List<ShardSeat> seats, ToIntFunction<String> shardOf, BrokerIncarnations incarnations) {
        this.seats = List.copyOf(seats);
        this.shardOf = shardOf;
        this.incarnations = incarnations;
    }

    /** Asked before an answer is computed; what it gives says afterwards whether the groups were ours meanwhile. */
    BooleanSupplier of(Collection<String> groups) {
        return backing(groups.stream().mapToInt(shardOf).distinct());
    }

    /** The same for all groups that are coordinated here. */
    BooleanSupplier ofAll() {
        return backing(IntStream.range(0, seats.size()));
    }

    private BooleanSupplier backing(IntStream shards) {
        List<Asked> asked = shards.mapToObj(seats::get)
                .map(seat -> new Asked(seat, seat.standing()))
                .toList();
        return () -> asked.stream().allMatch(each -> backed(each.before, each.seat.standing()));
    }

    /** An answer came about between the two: under one of them, or while the shard was not held, when it is a refusal. */
    private boolean backed(Standing before, Standing after) {
        BrokerIncarnation holder = before.holder != null ? before.holder : after.holder;
        return holder == null ? before == after : incarnations.mayAnswer(holder);
    }
}
