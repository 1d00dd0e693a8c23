package io.kafscale.objectstore;

/** The calls of an {@link ObjectStore}, as metrics and request logs name them. */
public enum StoreOperation {
    /** {@link ObjectStore#putIfAbsent}. */
    PUT,
    /** {@link ObjectStore#get}. */
    GET,
    /** {@link ObjectStore#getRange}. */
    GET_RANGE,
    /** {@link ObjectStore#getTail}. */
    GET_TAIL,
    /** {@link ObjectStore#list}. */
    LIST,
    /** {@link ObjectStore#delete}. */
    DELETE
}
