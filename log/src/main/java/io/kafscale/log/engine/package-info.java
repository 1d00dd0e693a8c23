/**
 * Wiring and life cycle of the log on one broker. {@link io.kafscale.log.engine.LogEngine} is the {@link io.kafscale.log.LogService}
 * of production and of the simulator.
 *
 * <p>A start runs through {@link io.kafscale.log.engine.ClusterIdentity} (is this bucket the one this metadata belongs to) and
 * {@link io.kafscale.log.engine.IncarnationStart} (a broker epoch, a WAL stream, a registration). What results is a
 * {@link io.kafscale.log.engine.Session}: one incarnation's WAL and the partitions it leads. A session that is fenced dies as a whole
 * and the engine starts the next one by the same road. Everything it writes to the metadata store goes through
 * {@link io.kafscale.log.engine.GuardedCommits} and counts only while its {@link io.kafscale.log.engine.Registration} holds; while
 * that is not confirmed, {@link io.kafscale.log.engine.CutOffWatch} looks at the stream.
 *
 * <p>What a session leads follows the plan ({@link io.kafscale.log.engine.LeadershipMoves}): for each partition,
 * {@link io.kafscale.log.engine.Placement} says what an image asks of this broker and {@link io.kafscale.log.engine.PlanFollower} has
 * it done. {@link io.kafscale.log.engine.TakeoverQueue} and {@link io.kafscale.log.engine.Takeover} take what nobody alive leads:
 * read what earlier leaders left ({@link io.kafscale.log.engine.PredecessorStreams}: streams of the dead are sealed first, those of the
 * living are followed, those of suspects read in advance), then compare-and-set the records. {@link io.kafscale.log.engine.HandOver} gives partitions to others, and
 * {@link io.kafscale.log.engine.FormerPartitions} looks after what remains of them in the own stream.
 *
 * <p>Everything runs on the log loop. {@link io.kafscale.log.engine.Chores} are done by one broker for all: objects are removed by
 * {@link io.kafscale.log.engine.TopicCollector} and {@link io.kafscale.log.engine.ClosedStreamCollector}, on facts that cannot become
 * false, and {@link io.kafscale.log.engine.AbandonedStreams} are sealed.
 */
@NullMarked
package io.kafscale.log.engine;

import org.jspecify.annotations.NullMarked;
