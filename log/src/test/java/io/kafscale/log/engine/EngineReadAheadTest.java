package io.kafscale.log.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.log.LogException.Kind;
import io.kafscale.log.fixture.Batches;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a new leader reads of the stream of the old one, before it leads and when. */
class EngineReadAheadTest extends HandOffScenario {
    @Test
    void theNewLeaderReadsAheadWhileTheOldOneStillLeads() {
        // Given a stream that takes a while to read
        for (int i = 0; i < 200; i++) {
            from.produce(id, "more");
        }
        cluster.objects.latency(Duration.ofMillis(100));
        // When
        move();
        cluster.advance(HandOver.LEAD.minusMillis(100));
        assertThat(cluster.await(from.append(id, Batches.of(0, "meanwhile"))).baseOffset())
                .isEqualTo(202);
        cluster.until(() -> stored().leader() == null);
        Duration unled = cluster.until(() -> !to.leads(topic).isEmpty());
        // Then it has to read what was new, in one round trip
        assertThat(unled).isLessThan(Duration.ofMillis(200));
        assertThat(to.produce(id, "c").baseOffset()).isEqualTo(203);
    }

    @Test
    void whatIsBeingReadWhenTheReleaseComesIsNotReadAgain() {
        // Given a new leader that reads ahead when the release comes, all there is
        move();
        cluster.advance(HandOver.LEAD.minusMillis(250));
        from.produce(id, "c");
        cluster.objects.latency(Duration.ofMillis(300));
        // When
        cluster.until(() -> stored().leader() == null);
        Duration unled = cluster.until(() -> !to.leads(topic).isEmpty());
        // Then it waits for the rest of that round trip
        assertThat(unled).isLessThan(Duration.ofMillis(300));
        assertThat(to.values(id)).containsExactly("a", "b", "c");
    }

    @Test
    void aPlanThatChangesBeforeTheHandOverEndsTheReadingAhead() {
        // Given
        move();
        cluster.advance(HandOver.LEAD.dividedBy(4));
        assertThat(cluster.objects.count("tail")).isPositive();
        // When
        cluster.await(placement.unpin(id));
        cluster.settle();
        cluster.objects.forget();
        cluster.advance(HandOver.LEAD.multipliedBy(2));
        // Then
        assertThat(cluster.objects.count("tail")).isZero();
        assertThat(from.produce(id, "c").baseOffset()).isEqualTo(2);
        assertThat(stored().leaderEpoch()).isZero();
    }

    @Test
    void anOldLeaderThatDiesBeforeTheHandOverIsTakenOver() {
        // Given
        move();
        cluster.advance(HandOver.LEAD.dividedBy(2));
        from.produce(id, "c");
        // When
        from.crash();
        cluster.removeRegistration(from.id);
        untilLedBy(to);
        // Then
        assertThat(to.values(id)).containsExactly("a", "b", "c");
        assertThat(to.produce(id, "d").baseOffset()).isEqualTo(3);
    }

    @Test
    void whatIsMissingInAnOpenStreamIsLookedForAgainAndIsDamageInASealedOneOnly() {
        // Given
        String object = cluster.layout.walKey(from.stream(), 2);
        byte[] bytes = cluster.objects.bytes(object);
        cluster.objects.remove(object);
        // When
        move();
        cluster.advance(Duration.ofSeconds(30));
        // Then
        assertThat(to.leads(topic)).isEmpty();
        assertThat(cluster.kind(to.append(id, Batches.of(0, "x")))).isEqualTo(Kind.NOT_LEADER);
        cluster.objects.overwrite(object, bytes);
        untilLedBy(to);
        assertThat(to.values(id)).containsExactly("a", "b");
        // And
        cluster.await(placement.unpin(id));
        untilLedBy(from);
        cluster.objects.remove(object);
        from.crash();
        cluster.removeRegistration(from.id);
        cluster.advance(Duration.ofSeconds(30));
        assertThat(cluster.kind(to.append(id, Batches.of(0, "x")))).isEqualTo(Kind.CORRUPT);
    }

    @Test
    void whatWasDamagedIsLookedAtAnewOnceAnotherHasLedIt() {
        // Given
        String object = cluster.layout.walKey(from.stream(), 1);
        byte[] bytes = cluster.objects.bytes(object);
        cluster.objects.remove(object);
        from.crash();
        cluster.removeRegistration(from.id);
        cluster.until(() -> to.engine.session().moves().damage(id).isPresent());
        // When it is mended, and another leads meanwhile
        cluster.objects.overwrite(object, bytes);
        TestBroker third = cluster.servingBroker(3);
        cluster.await(placement.pin(topic, 0, third.id));
        untilLedBy(third);
        assertThat(third.produce(id, "c").baseOffset()).isEqualTo(2);
        move();
        // Then
        untilLedBy(to);
        assertThat(to.values(id)).containsExactly("a", "b", "c");
    }
}
