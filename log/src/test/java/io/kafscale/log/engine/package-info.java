/**
 * Tests of the engine as a whole: brokers that start, crash, are fenced and close on simulated time, over one object store and one
 * metadata store that outlive them. Start at {@link io.kafscale.log.engine.TestCluster}.
 */
@NullMarked
package io.kafscale.log.engine;

import org.jspecify.annotations.NullMarked;
