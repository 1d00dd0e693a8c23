package io.kafscale.app.settings;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Lays the sources over each other: defaults, then the file, then the environment, then {@code --set}. Whatever it does not know or
 * cannot read it refuses, all of it in one message. Used once, on one thread.
 */
public final class SettingsReader {
    /** Read by the launcher, not by us. */
    private static final Set<String> LAUNCHER_VARIABLES =
            Set.of("KAFSCALE_JAVA", "KAFSCALE_HEAP", "KAFSCALE_JAVA_OPTS", "KAFSCALE_BUILD", "KAFSCALE_CDS");

    /** Kubernetes announces a service called kafscale to every pod in variables of these names. */
    private static final Pattern SERVICE_LINKS = Pattern.compile(
            "KAFSCALE(_[A-Z0-9_]+)?_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\\d+_(TCP|UDP|SCTP).*)?)");

    private final Map<String, Setting<?>> known;
    private final Map<String, SettingValue> values = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();

    private SettingsReader() {
        known = SettingKeys.all().stream()
                .collect(Collectors.toMap(Setting::key, Function.identity(), (a, _) -> a, LinkedHashMap::new));
        known.values()
                .forEach(setting -> values.put(
                        setting.key(),
                        new SettingValue(
                                setting, setting.canonical(setting.defaultText()), new SettingSource.Default())));
    }

    /**
     * The settings in force.
     *
     * @param file a YAML file, if one was named
     * @param environment the process's environment
     * @param assignments {@code key=value} each, later ones win
     * @throws SettingsException if anything in them is unknown or malformed
     */
    public static EffectiveSettings read(
            Optional<Path> file, Map<String, String> environment, List<String> assignments) {
        var reader = new SettingsReader();
        file.ifPresent(reader::readFile);
        reader.readEnvironment(environment);
        reader.readAssignments(assignments);
        if (!reader.problems.isEmpty()) {
            throw new SettingsException(reader.problems);
        }
        return new EffectiveSettings(reader.values);
    }

    private void readFile(Path file) {
        var source = new SettingSource.File(file.toString());
        try {
            SettingsFile.read(file).forEach((key, text) -> set(key, text, source));
        } catch (IllegalArgumentException unreadable) {
            problems.add("The configuration file " + file + " " + unreadable.getMessage() + ".");
        }
    }

    private void readEnvironment(Map<String, String> environment) {
        var keys = known.values().stream().collect(Collectors.toMap(Setting::environmentVariable, Setting::key));
        new TreeMap<>(environment).forEach((variable, text) -> {
            String key = keys.get(variable);
            if (key != null) {
                set(key, text, new SettingSource.Environment(variable));
            } else if (isMeantForUs(variable)) {
                problems.add("There is no setting behind the environment variable " + variable + "."
                        + didYouMean(variable, keys.keySet()));
            }
        });
    }

    private static boolean isMeantForUs(String variable) {
        return variable.startsWith(Setting.ENVIRONMENT_PREFIX)
                && !LAUNCHER_VARIABLES.contains(variable)
                && !SERVICE_LINKS.matcher(variable).matches();
    }

    private void readAssignments(List<String> assignments) {
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals <= 0) {
                problems.add("--set " + assignment + " is not an assignment; write --set key=value.");
            } else {
                set(
                        assignment.substring(0, equals).trim(),
                        assignment.substring(equals + 1),
                        new SettingSource.CommandLine());
            }
        }
    }

    private void set(String key, String text, SettingSource source) {
        var setting = known.get(key);
        if (setting == null) {
            problems.add("There is no setting '" + key + "' (" + source + ")." + didYouMean(key, known.keySet()));
            return;
        }
        try {
            values.put(key, new SettingValue(setting, setting.canonical(text), source));
        } catch (IllegalArgumentException malformed) {
            problems.add(problem(setting, text, source, String.valueOf(malformed.getMessage())));
        }
    }

    /** One line about one wrong value. */
    static String problem(Setting<?> setting, String text, SettingSource source, String whatAndRemedy) {
        return setting.key() + " = '" + setting.shown(text) + "' (" + source + ") " + whatAndRemedy + ".";
    }

    private static String didYouMean(String unknown, Set<String> candidates) {
        return Suggestions.nearest(unknown, candidates)
                .map(nearest -> " Did you mean " + nearest + "?")
                .orElse(" 'kafscale config' lists them all.");
    }
}
