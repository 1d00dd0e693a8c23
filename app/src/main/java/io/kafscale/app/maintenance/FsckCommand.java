package io.kafscale.app.maintenance;

import io.kafscale.app.cli.CommandException;
import io.kafscale.app.cli.OutputOption;
import io.kafscale.app.cli.Progress;
import io.kafscale.app.cli.SettingsOptions;
import io.kafscale.app.node.GroupCoordination;
import io.kafscale.app.settings.KafscaleSettings;
import io.kafscale.app.settings.StorageUri;
import io.kafscale.coordinator.GroupKeyCheck;
import io.kafscale.log.check.CheckContext;
import io.kafscale.log.check.CheckProgress;
import io.kafscale.log.check.CheckReport;
import io.kafscale.log.check.CheckSettings;
import io.kafscale.log.check.Finding;
import io.kafscale.log.check.NamespaceCheck;
import io.kafscale.log.check.NamespaceRepair;
import io.kafscale.log.check.RepairReport;
import io.kafscale.objectstore.local.LocalObjectStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code kafscale fsck}. */
@Command(
        name = "fsck",
        description = {
            "Look through the bucket and the metadata of a namespace for what is damaged, missing or left over.",
            "Works while brokers run. Changes nothing without --repair. Takes the settings that the brokers have."
        },
        exitCodeList = {
            "0:nothing that was acknowledged is missing or unreadable; there may be warnings",
            "1:could not be checked to the end",
            "2:wrong usage",
            "3:damage: something acknowledged is or may be missing or unreadable, or is in danger"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  kafscale fsck",
            "  kafscale fsck --config kafscale.yaml --deep",
            "  kafscale fsck --config kafscale.yaml --repair",
            "  kafscale fsck --set storage.uri=s3://bucket/prefix --set metadata.uri=file:./data-s3/metadata --output json"
        })
public final class FsckCommand implements Callable<Integer> {
    /** The exit code that says that there is damage. */
    public static final int DAMAGED = 3;

    @Spec
    private CommandSpec spec;

    @Mixin
    private SettingsOptions settings;

    @Mixin
    private OutputOption output;

    @Option(
            names = "--deep",
            description = "Read and verify every byte, and compare what is stored twice. Without it: headers, footers,"
                    + " indexes, and whether every offset is somewhere.")
    private boolean deep;

    @Option(
            names = "--repair",
            description =
                    "Then rebuild indexes from their segments, and delete what the metadata says that nobody needs, a"
                            + " minute after that was seen. Nothing else. A store in a local directory must not be in use.")
    private boolean repair;

    @Override
    public Integer call() {
        var typed = settings.read().typed();
        List<Finding> leftovers = leftovers(typed);
        var progress = new CheckProgress();
        try (var stores = repair ? NamespaceStores.forWriting(typed) : NamespaceStores.forReading(typed);
                var _ = Progress.of(spec.commandLine().getErr(), progress::describe)) {
            var defaults = CheckSettings.defaults(typed.log().collectGrace(), GroupCoordination.SHARDS);
            var how = deep ? defaults.toEveryByte() : defaults;
            var context =
                    new CheckContext(stores.objects(), stores.layout(), stores.metadata(), GroupKeyCheck::problem);
            CheckReport report =
                    new NamespaceCheck(context, how, progress).run().join().with(leftovers);
            Optional<RepairReport> repaired = repair
                    ? Optional.of(new NamespaceRepair(context, how).run(report).join())
                    : Optional.empty();
            output.print(new FsckView(stores.describe(), deep, report, repaired.orElse(null)), FsckView::print);
            return report.damage() > 0 ? DAMAGED : 0;
        }
    }

    /** What writes to a local directory left in it; what is younger than the grace may still be under way. */
    private static List<Finding> leftovers(KafscaleSettings typed) {
        if (!(typed.storage().uri() instanceof StorageUri.Directory(Path directory))) {
            return List.of();
        }
        var findings = new ArrayList<Finding>();
        try {
            long olderThanMs =
                    System.currentTimeMillis() - typed.log().collectGrace().toMillis();
            for (Path file : LocalObjectStore.unfinishedWrites(directory)) {
                if (isOlder(file, olderThanMs)) {
                    findings.add(Finding.leftover(file.toString(), "an unfinished write of a process that died"));
                }
            }
            return findings;
        } catch (IOException unreadable) {
            throw new CommandException("cannot read " + directory + ": " + unreadable, unreadable);
        }
    }

    private static boolean isOlder(Path file, long thanMs) throws IOException {
        try {
            return Files.getLastModifiedTime(file).toMillis() < thanMs;
        } catch (NoSuchFileException endedMeanwhile) {
            return false;
        }
    }
}
