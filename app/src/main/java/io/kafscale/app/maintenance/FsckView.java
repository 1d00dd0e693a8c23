package io.kafscale.app.maintenance;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.kafscale.log.check.CheckReport;
import io.kafscale.log.check.Finding;
import io.kafscale.log.check.RepairReport;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What {@code fsck} prints. Immutable; main thread.
 *
 * @param stores what was checked
 * @param deep whether every byte was read
 * @param damage how many findings are damage
 * @param warnings how many are not
 * @param unlisted findings beyond those listed
 * @param repair what was repaired, if that was asked for
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record FsckView(
        String stores,
        boolean deep,
        long objects,
        long bytes,
        long streams,
        long segments,
        long partitions,
        long damage,
        long warnings,
        long unlisted,
        List<FindingView> findings,
        @Nullable RepairReport repair) {

    /** One finding. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record FindingView(
            String severity,
            String kind,
            @Nullable String key,
            @Nullable String partition,
            @Nullable Long firstOffset,
            @Nullable Long lastOffset,
            String what,
            String consequence,
            String remedy) {
        static FindingView of(Finding found) {
            Finding.Offsets offsets = found.offsets();
            return new FindingView(
                    name(found.severity()),
                    name(found.kind()),
                    found.key(),
                    found.partition(),
                    offsets == null ? null : offsets.first(),
                    offsets == null || offsets.last() == Long.MAX_VALUE ? null : offsets.last(),
                    found.what(),
                    found.consequence(),
                    found.remedy());
        }

        private static String name(Enum<?> value) {
            return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    FsckView(String stores, boolean deep, CheckReport report, @Nullable RepairReport repair) {
        this(
                stores,
                deep,
                report.objects(),
                report.bytes(),
                report.streams(),
                report.segments(),
                report.partitions(),
                report.damage(),
                report.findings().size() - report.damage(),
                report.more(),
                report.findings().stream().map(FindingView::of).toList(),
                repair);
    }

    void print(PrintWriter out) {
        out.println("Checked " + stores);
        out.println("  " + objects + " objects of " + bytes + " bytes, " + partitions + " partitions, " + segments
                + " segments, " + streams + " WAL streams, "
                + (deep ? "every byte." : "headers, footers and indexes (--deep reads every byte)."));
        for (FindingView found : findings) {
            out.println();
            out.println(found.severity().toUpperCase(Locale.ROOT) + " " + found.kind() + ": " + found.what());
            line(out, "object", found.key());
            line(out, "partition", found.partition());
            if (found.firstOffset() != null) {
                line(
                        out,
                        "offsets",
                        new Finding.Offsets(
                                        found.firstOffset(),
                                        found.lastOffset() == null ? Long.MAX_VALUE : found.lastOffset())
                                .toString());
            }
            line(out, "means", found.consequence());
            line(out, "do", found.remedy());
        }
        out.println();
        out.println(
                damage == 0 && warnings == 0 && unlisted == 0
                        ? "Everything is as it should be."
                        : damage + " findings are damage, " + warnings + " are warnings"
                                + (unlisted == 0 ? "." : "; " + unlisted + " more are not listed."));
        if (repair != null) {
            out.println("Repaired: " + repair.indexes().size() + " indexes rebuilt, " + repair.deletedObjects()
                    + " objects deleted.");
            repair.left().forEach(left -> out.println("  left as it is: " + left));
        }
    }

    private static void line(PrintWriter out, String title, @Nullable String text) {
        if (text != null) {
            out.println("  " + title + ": " + text);
        }
    }
}
