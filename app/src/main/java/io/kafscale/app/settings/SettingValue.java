package io.kafscale.app.settings;

/**
 * A key with the value that is in force. Immutable.
 *
 * @param text the value in its canonical form; empty where nothing is set
 * @param source where it was said
 */
public record SettingValue(Setting<?> setting, String text, SettingSource source) {
    /** The value as it may be shown to anybody. */
    public String shown() {
        return setting.shown(text);
    }

    @Override
    public String toString() {
        return setting.key() + "=" + shown();
    }
}
