package io.kafscale.app.cluster;

import io.kafscale.app.cli.SettingsOptions;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Settings of the brokers, by which a cluster is found: mixed into every command of this package. Main thread. */
final class ClusterSettings {
    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Mixin
    private SettingsOptions settings;

    /** A session, to be closed by the caller. */
    ClusterSession open() {
        return ClusterSession.open(settings.read().typed(), spec.commandLine().getErr());
    }
}
