package io.kafscale.app.settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Every key with the value in force and its source. Immutable. */
public final class EffectiveSettings {
    private final Map<String, SettingValue> values;

    EffectiveSettings(Map<String, SettingValue> values) {
        this.values = new LinkedHashMap<>(values);
    }

    /** One value per key, in the order of the table. */
    public List<SettingValue> values() {
        return List.copyOf(values.values());
    }

    /** The value of a key. */
    SettingValue valueOf(Setting<?> setting) {
        var value = values.get(setting.key());
        if (value == null) {
            throw new IllegalArgumentException(setting.key() + " is not in the table of keys");
        }
        return value;
    }

    /** The typed value of a key. */
    <T> T get(Setting<T> setting) {
        return setting.parse(valueOf(setting).text());
    }

    /**
     * The settings as a tree of types.
     *
     * @throws SettingsException if values contradict each other, or ask for something this version does not have
     */
    public KafscaleSettings typed() {
        return KafscaleSettings.from(this);
    }
}
