package io.kafscale.metastore.etcd;

import io.kafscale.runtime.EventLoop;
import java.util.random.RandomGenerator;

/**
 * What the parts of a store share.
 *
 * @param loop where all of them run
 * @param random used on {@code loop} only
 */
record StoreContext(EventLoop loop, Endpoints endpoints, Calls calls, RandomGenerator random) {}
