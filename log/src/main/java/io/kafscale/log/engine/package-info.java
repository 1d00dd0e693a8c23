/**
 * Wiring and life cycle of the log on one broker. {@link io.kafscale.log.engine.LogEngine} is the {@link io.kafscale.log.LogService}
 * of production and of the simulator.
 *
 * <p>A start runs through {@link io.kafscale.log.engine.ClusterIdentity} (is this bucket the one this metadata belongs to),
 * {@link io.kafscale.log.engine.IncarnationStart} (a broker epoch, a WAL stream, a registration) and
 * {@link io.kafscale.log.engine.Takeover} (seal the streams of the dead, read their footers, compare-and-set the partition records).
 * What results is a {@link io.kafscale.log.engine.Session}: one incarnation's WAL and the partitions it leads. A session that is fenced
 * dies as a whole and the engine starts the next one by the same road.
 *
 * <p>Everything runs on the log loop. Objects are removed by {@link io.kafscale.log.engine.TopicCollector} and
 * {@link io.kafscale.log.engine.ClosedStreamCollector}, on facts that cannot become false.
 */
@NullMarked
package io.kafscale.log.engine;

import org.jspecify.annotations.NullMarked;
