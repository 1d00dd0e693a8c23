package io.kafscale.metastore.cluster;

/** What became of a request to move a stream on in its life. */
public sealed interface StreamChangeResult {
    /** The stream is where it was asked to be, or further. */
    record Changed(Versioned<StreamRecord> stream) implements StreamChangeResult {}

    /** Its incarnation is registered: it is not dead. */
    record StillRegistered(BrokerRegistration registration) implements StreamChangeResult {}

    /** It is somewhere from where the move is not possible, such as sealed at another sequence. */
    record Illegal(StreamRecord stream, String reason) implements StreamChangeResult {}

    /** It was collected, and its record removed since: its incarnation is over for good. */
    record Forgotten() implements StreamChangeResult {}

    /** There is no such stream. */
    record NotFound() implements StreamChangeResult {}
}
