package io.kafscale.metastore.cluster;

/** Told of each new image, on the event loop of the {@link ImageKeeper}, in order and without gaps: do not block. */
@FunctionalInterface
public interface ImageListener {
    /** The image changed from {@code before} to {@code now}; {@code delta} says where. */
    void onImage(ClusterImage before, ClusterImage now, ClusterDelta delta);
}
