/** Tests of the etcd adapter against real etcd processes. */
@NullMarked
package io.kafscale.metastore.etcd;

import org.jspecify.annotations.NullMarked;
