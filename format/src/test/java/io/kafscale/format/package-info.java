/** Tests of what the formats have in common. */
@NullMarked
package io.kafscale.format;

import org.jspecify.annotations.NullMarked;
