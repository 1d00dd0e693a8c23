/**
 * A broker that is killed again and again under load, and what must be true nevertheless. {@link io.kafscale.it.kill.SequencedProducer}
 * and {@link io.kafscale.it.kill.CommittingMember} are unmodified clients that write down what they were promised
 * ({@link io.kafscale.it.kill.Acknowledgements}, {@link io.kafscale.it.kill.GroupHistory}); {@link io.kafscale.it.kill.LogCheck}
 * holds the whole log against that at the end.
 */
@NullMarked
package io.kafscale.it.kill;

import org.jspecify.annotations.NullMarked;
