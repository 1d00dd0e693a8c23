/** Tests of the cluster commands over an embedded store. */
@NullMarked
package io.kafscale.app.cluster;

import org.jspecify.annotations.NullMarked;
