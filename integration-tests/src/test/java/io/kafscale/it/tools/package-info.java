/**
 * Other people's programs against the broker: Kafka's own command-line tools, and clients in other languages. Each runs as the
 * process that its user would start, and what it prints is what is checked.
 */
@NullMarked
package io.kafscale.it.tools;

import org.jspecify.annotations.NullMarked;
