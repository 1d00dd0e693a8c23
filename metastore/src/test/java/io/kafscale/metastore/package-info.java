/**
 * The contract that every metadata store has to meet ({@link io.kafscale.metastore.MetadataStoreContract}), and the fakes that other
 * modules test with: a loop whose time is turned by hand, and a store that loses, delays and repeats.
 */
@NullMarked
package io.kafscale.metastore;

import org.jspecify.annotations.NullMarked;
