/**
 * What all commands share. {@link io.kafscale.app.cli.OutputOption} prints data as text or JSON; {@link io.kafscale.app.cli.Progress}
 * says what is going on when it takes longer than a second; a command that cannot do what it was asked throws a
 * {@link io.kafscale.app.cli.CommandException}, whose message is all that the user sees, by way of
 * {@link io.kafscale.app.cli.ErrorReport}. {@link io.kafscale.app.cli.SettingsOptions} gives a command {@code --config} and
 * {@code --set}. The commands here need neither a broker nor a store.
 *
 * <p>Everything runs on the main thread but for the progress display.
 */
@NullMarked
package io.kafscale.app.cli;

import org.jspecify.annotations.NullMarked;
