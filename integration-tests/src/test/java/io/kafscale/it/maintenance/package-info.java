/** The commands that check and rebuild a namespace, as processes, against real brokers. */
@NullMarked
package io.kafscale.it.maintenance;

import org.jspecify.annotations.NullMarked;
