package io.kafscale.app.maintenance;

import io.kafscale.app.cli.CommandException;
import io.kafscale.app.cli.OutputOption;
import io.kafscale.app.cli.Progress;
import io.kafscale.app.cli.SettingsOptions;
import io.kafscale.log.recover.NamespaceRecovery;
import io.kafscale.log.recover.RecoveryContext;
import io.kafscale.log.recover.RecoveryException;
import io.kafscale.log.recover.RecoveryPlan;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kafscale recover}. */
@Command(
        name = "recover",
        description = {
            "Rebuild the metadata of a namespace from its bucket: over a metadata store that was lost (an empty one), or one"
                    + " that was restored from an old copy. Every broker must be stopped.",
            "Without --yes it prints what it would do and changes nothing. Takes the settings that the brokers have."
        },
        exitCodeList = {
            "0:done, or planned, and nothing that was acknowledged is missing",
            "1:refused, or failed; running it again completes it",
            "2:wrong usage",
            "3:done, or planned, but something acknowledged is missing or damaged: see what is printed"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale recover --config kafscale.yaml",
            "  kafscale recover --config kafscale.yaml --yes",
            "  kafscale recover --set storage.uri=s3://bucket/prefix --set metadata.uri=file:./data-s3/metadata --yes"
        })
public final class RecoverCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private SettingsOptions settings;

    @Mixin
    private OutputOption output;

    @Option(names = "--yes", description = "Do it. Without this, only print what would be done.")
    private boolean yes;

    @Option(
            names = "--despite-damage",
            description =
                    "Go on where acknowledged objects are missing or damaged: partitions that need them stay closed.")
    private boolean despiteDamage;

    private volatile String step = "opening the stores";

    @Override
    public Integer call() {
        var typed = settings.read().typed();
        try (var stores = yes ? NamespaceStores.forWriting(typed) : NamespaceStores.forReading(typed);
                var _ = Progress.of(spec.commandLine().getErr(), () -> step)) {
            var context = new RecoveryContext(stores.objects(), stores.layout(), stores.metadata(), typed.log());
            var recovery = new NamespaceRecovery(context, now -> step = now);
            RecoveryPlan plan = (yes ? recovery.run(despiteDamage) : recovery.plan()).join();
            output.print(new RecoverView(stores.describe(), yes, plan), RecoverView::print);
            return plan.hasDamage() ? FsckCommand.DAMAGED : 0;
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof RecoveryException refused) {
                throw new CommandException(String.valueOf(refused.getMessage()), refused);
            }
            throw failed;
        }
    }
}
