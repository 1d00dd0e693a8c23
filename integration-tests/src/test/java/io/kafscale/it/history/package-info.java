/**
 * What a test's clients observe of a cluster, and the rules that such a history must keep. {@link io.kafscale.it.history.History} takes
 * {@link io.kafscale.it.history.Event}s in the order in which they were observed, writes them to a journal and shows each to the
 * {@link io.kafscale.it.history.Rule}s at once; {@link io.kafscale.it.history.Rules} lists these. A broken rule becomes a
 * {@link io.kafscale.it.history.Violation} with the events around it. Each rule has a test that plants what it must find.
 */
@NullMarked
package io.kafscale.it.history;

import org.jspecify.annotations.NullMarked;
