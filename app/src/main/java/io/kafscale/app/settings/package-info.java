/**
 * Settings: what an operator may say, where he may say it, and what it means.
 *
 * <p>{@link io.kafscale.app.settings.SettingKeys} is the one table of keys: name, type, default, explanation, example. Everything
 * else follows from it. {@link io.kafscale.app.settings.SettingsReader} lays a YAML file, the environment and {@code --set} over
 * the defaults and refuses what it does not know; {@link io.kafscale.app.settings.EffectiveSettings} remembers where each value came
 * from, for {@code kafscale config}; {@link io.kafscale.app.settings.KafscaleSettings} is the typed, immutable result that the rest
 * of the program is built from; {@link io.kafscale.app.settings.ConfigurationPage} writes {@code docs/configuration.md}.
 *
 * <p>Units are types: {@link io.kafscale.app.settings.ByteSize}, {@link java.time.Duration},
 * {@link io.kafscale.app.settings.HostPort}, {@link io.kafscale.app.settings.StorageUri}. Text becomes a typed value in one place,
 * {@link io.kafscale.app.settings.ValueType}. Whatever is wrong ends in one
 * {@link io.kafscale.app.settings.SettingsException} that names key, value, source and remedy. All of it is immutable and may be used
 * on any thread.
 */
@NullMarked
package io.kafscale.app.settings;

import org.jspecify.annotations.NullMarked;
