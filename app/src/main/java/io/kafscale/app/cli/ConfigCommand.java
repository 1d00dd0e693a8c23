package io.kafscale.app.cli;

import io.kafscale.app.settings.ConfigurationPage;
import io.kafscale.app.settings.SettingValue;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code kafscale config}: what settings are in force, and who said so. */
@Command(
        name = "config",
        description = "Print the settings in force, with the source of each.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale config",
            "  KAFSCALE_NODE_ID=3 kafscale config --config kafscale.yaml --set segment.ms=10m",
            "  kafscale config --output json"
        })
public final class ConfigCommand implements Callable<Integer> {
    /** One line of the output. */
    record View(String key, String value, String source) {}

    @Mixin
    private SettingsOptions settings;

    @Mixin
    private OutputOption output;

    @Option(names = "--reference", hidden = true, description = "Print the reference page of all keys, in Markdown.")
    private boolean reference;

    @Override
    public Integer call() {
        if (reference) {
            output.out().print(ConfigurationPage.markdown());
            output.out().flush();
            return 0;
        }
        var effective = settings.read();
        var views = effective.values().stream().map(ConfigCommand::view).toList();
        output.print(views, (rows, out) -> table(rows).print(out));
        effective.typed(); // says what contradicts what, after showing it
        return 0;
    }

    private static View view(SettingValue value) {
        return new View(value.setting().key(), value.shown(), value.source().toString());
    }

    private static TextTable table(List<View> rows) {
        var table = new TextTable("KEY", "VALUE", "SOURCE");
        rows.forEach(row -> table.row(row.key(), row.value().isEmpty() ? "-" : row.value(), row.source()));
        return table;
    }
}
