package io.kafscale.log.check;

import io.kafscale.format.TopicDirectory;
import io.kafscale.log.check.Finding.Kind;
import io.kafscale.log.check.Finding.Severity;
import io.kafscale.metastore.cluster.StoredNamespace;
import io.kafscale.metastore.cluster.TopicTombstone;
import io.kafscale.objectstore.ObjectSummary;
import java.util.Optional;
import java.util.TreeMap;

/** Objects of directories that no topic of the metadata has, counted by directory. Belongs to the loop. */
final class Leftovers {
    private static final int LIMIT = 100_000;

    /** What one directory holds. */
    private static final class Tally {
        private final String first;
        private long objects;
        private long bytes;

        Tally(String first) {
            this.first = first;
        }
    }

    private final CheckContext context;
    private final CheckSettings settings;
    private final TreeMap<String, Tally> directories = new TreeMap<>();

    Leftovers(CheckContext context, CheckSettings settings) {
        this.context = context;
        this.settings = settings;
    }

    /** An object in a directory that was no topic's when the check began. */
    void add(String directory, ObjectSummary object) {
        if (directories.size() >= LIMIT && !directories.containsKey(directory)) {
            return;
        }
        Tally tally = directories.computeIfAbsent(directory, _ -> new Tally(object.key()));
        tally.objects++;
        tally.bytes += object.size();
    }

    /** Hands over what there is. */
    void report(Suspects suspects) {
        long nowMs = context.loop().time().wallClockMs();
        directories.forEach((directory, tally) -> suspects.suspect(now -> judge(now, directory, tally, nowMs)));
    }

    private Optional<Finding> judge(StoredNamespace now, String directory, Tally tally, long nowMs) {
        if (now.topicIn(directory) != null) {
            return Optional.empty(); // created while the check ran
        }
        String amount = tally.objects + " objects (" + tally.bytes + " bytes)";
        TopicTombstone tombstone = now.tombstoneOf(directory);
        if (tombstone != null) {
            return nowMs - tombstone.deletedMs() > settings.grace().toMillis()
                    ? Optional.of(Finding.warning(
                                    Kind.DELETED_TOPIC,
                                    amount + " of the deleted topic '" + tombstone.name() + "' are still there")
                            .at(tally.first))
                    : Optional.empty();
        }
        return Optional.of(unknown(now, directory, amount).at(tally.first));
    }

    /** The counter of a name tells a topic that was deleted from one that this metadata never knew. */
    private static Finding unknown(StoredNamespace now, String directory, String amount) {
        TopicDirectory parsed = TopicDirectory.parse(directory).orElseThrow();
        long generation = Math.max(1, parsed.generation());
        boolean known = generation <= now.generation(parsed.topic());
        return known
                ? Finding.of(
                                Kind.UNKNOWN_TOPIC,
                                Severity.WARNING,
                                amount + " in the directory '" + directory + "' of a topic that was deleted")
                        .so("It takes space.", "Nothing deletes it by itself; delete it when you are sure.")
                : Finding.damage(
                                Kind.UNKNOWN_TOPIC,
                                amount + " in the directory '" + directory
                                        + "' of a topic that the metadata never knew")
                        .so(
                                "No broker serves these records. The metadata may be older than the bucket.",
                                "If the metadata was lost or restored, stop the brokers and run 'kafscale recover'.");
    }
}
