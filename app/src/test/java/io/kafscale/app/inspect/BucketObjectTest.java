package io.kafscale.app.inspect;

import static org.assertj.core.api.Assertions.assertThat;

import io.kafscale.objectstore.InMemoryObjectStore;
import io.kafscale.objectstore.Payload;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class BucketObjectTest {
    private final InMemoryObjectStore store = InMemoryObjectStore.inline();
    private final BucketObject object = new BucketObject(store, "s3://bucket", "ns/orders/0/segment-1.index");

    @Test
    void anAbsentObjectIsEmptyAndCanBeReplaced() {
        assertThat(object.read()).isEmpty();

        object.replace(ByteBuffer.wrap(new byte[] {1, 2}));
        object.replace(ByteBuffer.wrap(new byte[] {3}));

        assertThat(object.read()).hasValue(ByteBuffer.wrap(new byte[] {3}));
    }

    @Test
    void itKnowsItsDirectoryAndItsSiblings() {
        for (int i = 0; i < 1500; i++) {
            store.putIfAbsent(
                    String.format(java.util.Locale.ROOT, "ns/orders/0/%05d", i), Payload.of(ByteBuffer.allocate(1)));
        }
        store.putIfAbsent("ns/orders/1/other", Payload.of(ByteBuffer.allocate(1)));

        assertThat(object.name()).isEqualTo("s3://bucket/ns/orders/0/segment-1.index");
        assertThat(object.directoryName()).isEqualTo("0");
        assertThat(object.fileName()).isEqualTo("segment-1.index");
        assertThat(object.fileNames()).hasSize(1500).isSorted().contains("01499");
        assertThat(object.sibling("00007").read()).isPresent();
    }
}
