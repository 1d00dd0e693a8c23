/**
 * Commands that work on a namespace as a whole, without a broker: {@link io.kafscale.app.maintenance.FsckCommand} looks for damage,
 * {@link io.kafscale.app.maintenance.RecoverCommand} rebuilds metadata that was lost. What they do is in {@code io.kafscale.log.check}
 * and {@code io.kafscale.log.recover}; here it is given its stores and its report is printed.
 */
@NullMarked
package io.kafscale.app.maintenance;

import org.jspecify.annotations.NullMarked;
