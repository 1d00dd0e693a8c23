package io.kafscale.log.check;

import io.kafscale.log.check.Finding.Severity;
import java.util.ArrayList;
import java.util.List;

/**
 * What a check has seen. Immutable; any thread.
 *
 * @param objects objects listed
 * @param bytes their bytes
 * @param streams WAL streams
 * @param segments segments
 * @param partitions partitions with a record or with objects
 * @param findings what is wrong, damage first
 * @param more findings beyond those listed, of which only the number is known
 */
public record CheckReport(
        long objects, long bytes, long streams, long segments, long partitions, List<Finding> findings, long more) {
    /** Copies the list. */
    public CheckReport {
        findings = List.copyOf(findings);
    }

    /** The same with findings that were made elsewhere. */
    public CheckReport with(List<Finding> others) {
        var all = new ArrayList<>(findings);
        all.addAll(others);
        return new CheckReport(objects, bytes, streams, segments, partitions, all, more);
    }

    /** How many findings are damage. */
    public long damage() {
        return findings.stream()
                .filter(found -> found.severity() == Severity.DAMAGE)
                .count();
    }
}
