package io.kafscale.app.settings;

import io.kafscale.app.settings.Setting.Section;

/** Writes the reference page of all keys from the table of keys. */
public final class ConfigurationPage {
    private static final String INTRODUCTION = """
            # Configuration

            <!-- Generated from the table of keys (SettingKeys) by `make docs`. Do not edit. -->

            A broker runs without any configuration. What you want different you say in one of three places; where two say
            something about the same key, the later one in this list wins:

            1. a YAML file named by `--config FILE`, keys dotted (`storage.uri: …`), nested (`storage: {uri: …}`) or both;
               a value that ends in a colon wants quotes there (`storage.uri: "memory:"`);
            2. the environment: `KAFSCALE_` and the key in upper case, with `_` for dot and dash;
            3. `--set key=value` on the command line, as often as needed.

            `./kafscale config` takes the same options and prints every key with its value in force and where that was said.
            An unknown key or a value that cannot be is an error, never ignored.

            **Units.** A *size* is a number of bytes or has a unit: `512KiB`, `8MiB`, `1GiB`. A *duration* is a number of
            milliseconds or has a unit: `250ms`, `5s`, `10m`, `1h`, `7d`. An address is `host:port`, IPv6 in brackets.

            **Credentials** of S3 are no settings. They come from the standard AWS chain: environment, profile files, web
            identity, container and instance roles. The value of a *secret* below is never printed.

            """;

    private static final String LAUNCHER = """
            ## The launcher's own variables

            | Variable | Meaning |
            |---|---|
            | `KAFSCALE_JAVA` | The JDK to run on: its home directory or its `java`. Default: the first JDK 25 or later found. |
            | `KAFSCALE_HEAP` | Heap of the broker; not less than its budgets of memory together. Default `512m`. |
            | `KAFSCALE_JAVA_OPTS` | Further options for the JVM. |
            | `KAFSCALE_BUILD` | `never`: in a source checkout, run what is built even if sources are newer. |
            | `KAFSCALE_CDS` | `off` switches the class-data archive that speeds up the start off. |

            Environment variables that Kubernetes makes for a service called `kafscale` (`KAFSCALE_SERVICE_HOST`,
            `KAFSCALE_PORT_9092_TCP` and the like) are not settings and are ignored.
            """;

    private ConfigurationPage() {}

    /** The page, in Markdown. */
    public static String markdown() {
        var page = new StringBuilder(INTRODUCTION);
        for (Section section : Section.values()) {
            page.append("## ").append(section.title()).append("\n\n");
            SettingKeys.all().stream()
                    .filter(setting -> setting.section() == section)
                    .forEach(setting -> describe(page, setting));
        }
        return page.append(LAUNCHER).toString();
    }

    private static void describe(StringBuilder page, Setting<?> setting) {
        page.append("### `").append(setting.key()).append("`\n\n");
        page.append(setting.doc()).append("\n\n");
        page.append("| Type | Default | Environment | Example |\n|---|---|---|---|\n");
        page.append("| ").append(setting.type().label());
        page.append(" | ").append(setting.defaultText().isEmpty() ? "not set" : "`" + setting.defaultText() + "`");
        page.append(" | `").append(setting.environmentVariable());
        page.append("` | `")
                .append(setting.key())
                .append("=")
                .append(setting.example())
                .append("` |\n\n");
    }
}
