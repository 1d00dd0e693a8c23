/**
 * What the codecs of this module share. Not an interface for others: it changes without notice.
 *
 * <p>{@link io.kafscale.format.internal.FieldReader} is the one place where a length found in an object is believed, and
 * it believes none that the object's own bytes do not cover.
 */
@NullMarked
package io.kafscale.format.internal;

import org.jspecify.annotations.NullMarked;
