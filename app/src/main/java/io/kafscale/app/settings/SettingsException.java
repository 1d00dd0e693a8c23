package io.kafscale.app.settings;

import java.util.List;

/** The configuration cannot be used. The message has one line for each thing that is wrong, with its remedy. */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** At least one problem. */
    SettingsException(List<String> problems) {
        super(String.join(System.lineSeparator(), problems));
    }
}
