/**
 * Tests of the object-store port. {@link io.kafscale.objectstore.ObjectStoreContract} is for every implementation, here and in other
 * modules.
 */
@NullMarked
package io.kafscale.objectstore;

import org.jspecify.annotations.NullMarked;
