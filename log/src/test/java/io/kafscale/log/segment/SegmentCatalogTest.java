package io.kafscale.log.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.format.ObjectLayout;
import io.kafscale.log.fixture.LogFixture;
import io.kafscale.log.fixture.RecordingStore;
import io.kafscale.objectstore.StorageException;
import io.kafscale.runtime.EventLoop;
import io.kafscale.runtime.simulated.SimulatedTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SegmentCatalogTest {
    private final SimulatedTime time = new SimulatedTime(0);
    private final EventLoop loop = time.newLoop("log");
    private final RecordingStore store = new RecordingStore(time);
    private final ObjectLayout layout = new ObjectLayout("test");
    private final PartitionPlace place = LogFixture.place(0);
    private final SegmentCatalog catalog = new SegmentCatalog(store, layout, place, loop);

    private void object(long baseOffset) {
        store.overwrite(place.segmentKey(layout, baseOffset), new byte[(int) (baseOffset % 100 + 10)]);
        store.overwrite(place.indexKey(layout, baseOffset), new byte[1]);
    }

    private <T> T get(CompletableFuture<T> future) {
        time.advance(Duration.ofMinutes(1));
        return future.join();
    }

    @Test
    void aPartitionIsListedOnceForAllWhoAsk() {
        // Given
        object(0);
        object(10);

        // When
        var first = catalog.listed();
        var second = catalog.listed();
        get(first);
        get(second);
        get(catalog.listed());

        // Then
        assertThat(store.count("list")).isEqualTo(1);
        assertThat(catalog.known().keySet()).containsExactly(0L, 10L);
        assertThat(catalog.known().firstEntry().getValue().sizeBytes()).isEqualTo(10);
    }

    @Test
    void aListingOfManyPagesIsWhole() {
        for (int i = 0; i < 1_300; i++) {
            object(i);
        }
        get(catalog.listed());
        assertThat(catalog.known()).hasSize(1_300);
        assertThat(store.count("list")).isEqualTo(3);
    }

    @Test
    void whatIsWrittenOrDeletedWhileListingIsNotForgotten() {
        // Given
        object(0);
        object(10);
        get(catalog.listed());
        catalog.learn(10, new Segment.Facts(19, 5));

        // When a listing is under way that sees one segment too many and one too few
        var listing = catalog.refresh();
        catalog.doom(List.of(0L));
        catalog.add(Segment.listed(20, 7, 0));
        get(listing);

        // Then
        assertThat(catalog.known().keySet()).containsExactly(10L, 20L);
        assertThat(catalog.known().firstEntry().getValue().facts()).contains(new Segment.Facts(19, 5));
    }

    @Test
    void whatIsDoomedDoesNotComeBackWhileItIsStillThere() {
        // Given
        object(0);
        object(10);
        get(catalog.listed());
        catalog.doom(List.of(0L));
        // When
        get(catalog.refresh());
        // Then
        assertThat(catalog.known().keySet()).containsExactly(10L);
        assertThat(catalog.orphanIndexes()).isEmpty();
    }

    @Test
    void aListingFromBeforeADeletionBringsNothingBack() {
        // Given
        object(0);
        object(10);
        get(catalog.listed());
        catalog.doom(List.of(0L));
        // When
        var listing = catalog.refresh();
        time.advance(Duration.ofMillis(15)); // the answer is on its way
        catalog.deleted(List.of(0L));
        get(listing);
        // Then
        assertThat(catalog.known().keySet()).containsExactly(10L);
    }

    @Test
    void factsOfAnotherObjectUnderTheSameKeyAreNotKept() {
        object(10);
        get(catalog.listed());
        catalog.learn(10, new Segment.Facts(19, 5));
        store.overwrite(place.segmentKey(layout, 10), new byte[99]);
        get(catalog.refresh());
        assertThat(catalog.known().firstEntry().getValue().facts()).isEmpty();
    }

    @Test
    void aFailedListingIsRepeatedForTheNextWhoAsks() {
        // Given
        object(0);
        store.fail(request -> Optional.of(StorageException.Kind.UNAVAILABLE));
        var failing = catalog.listed();
        time.advance(Duration.ofSeconds(1));
        assertThat(failing).isCompletedExceptionally();
        assertThat(catalog.isListed()).isFalse();

        // When
        store.heal();

        // Then
        get(catalog.listed());
        assertThat(catalog.known()).hasSize(1);
    }

    @Test
    void theNewestSegmentIsFoundWithoutAListingHoweverFarBelowItStarts() {
        object(0);
        object(3_000_000_000L);
        object(3_000_000_500L);
        object(3_000_001_000L);
        assertThat(get(catalog.newestBelow(3_000_001_000L)).orElseThrow().baseOffset())
                .isEqualTo(3_000_000_500L);
        assertThat(store.count("list")).isEqualTo(1);
        assertThat(get(catalog.newestBelow(3_000_000_000L)).orElseThrow().baseOffset())
                .isZero();
        assertThat(store.count("list")).isLessThanOrEqualTo(5);
        assertThat(get(catalog.newestBelow(0))).isEmpty();
        assertThat(catalog.isListed()).isFalse();
    }

    @Test
    void theNewestSegmentThatWasWrittenHereCostsNoRequest() {
        object(10);
        catalog.add(Segment.listed(10, 20, 0).with(new Segment.Facts(19, 5)));
        assertThat(get(catalog.newestBelow(20)).orElseThrow().baseOffset()).isEqualTo(10);
        assertThat(store.requests()).isEmpty();
        assertThat(get(catalog.newestBelow(21))).isPresent();
        assertThat(store.count("list")).isPositive();
    }

    @Test
    void objectsOfOthersAreNotTakenForSegments() {
        store.overwrite(place.prefix(layout) + "README", new byte[1]);
        store.overwrite(place.prefix(layout) + "segment-5.kfs", new byte[1]);
        store.overwrite("test/orders/00/segment-00000000000000000000.kfs", new byte[1]);
        get(catalog.listed());
        assertThat(catalog.known()).isEmpty();
        assertThat(catalog.orphanIndexes()).isEmpty();
    }
}
