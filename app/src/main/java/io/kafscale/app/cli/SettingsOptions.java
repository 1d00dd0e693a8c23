package io.kafscale.app.cli;

import io.kafscale.app.settings.EffectiveSettings;
import io.kafscale.app.settings.SettingsReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** {@code --config} and {@code --set}: mixed into commands that need settings. Main thread. */
public final class SettingsOptions {
    @Option(names = "--config", paramLabel = "FILE", description = "Settings from a YAML file.")
    private Optional<Path> config = Optional.empty();

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One setting; may be repeated. Wins over the environment, which wins over the file.")
    private List<String> assignments = new ArrayList<>();

    /** The settings in force. */
    public EffectiveSettings read() {
        return SettingsReader.read(config, System.getenv(), assignments);
    }
}
