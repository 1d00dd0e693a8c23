package io.kafscale.app.settings;

/** Where a value was said. Immutable; {@code toString} is what people read. */
public sealed interface SettingSource {
    /** Nobody said anything. */
    record Default() implements SettingSource {
        @Override
        public String toString() {
            return "default";
        }
    }

    /** A configuration file. */
    record File(String name) implements SettingSource {
        @Override
        public String toString() {
            return "file " + name;
        }
    }

    /** An environment variable. */
    record Environment(String variable) implements SettingSource {
        @Override
        public String toString() {
            return "environment " + variable;
        }
    }

    /** {@code --set}. */
    record CommandLine() implements SettingSource {
        @Override
        public String toString() {
            return "--set";
        }
    }
}
