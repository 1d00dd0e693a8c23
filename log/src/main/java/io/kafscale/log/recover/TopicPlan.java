package io.kafscale.log.recover;

import static java.util.Objects.requireNonNull;

import io.kafscale.metastore.cluster.ClusterRecord;
import io.kafscale.metastore.cluster.PartitionId;
import io.kafscale.metastore.cluster.RestoredRecord;
import io.kafscale.metastore.cluster.StoredNamespace;
import io.kafscale.metastore.cluster.TopicNames;
import io.kafscale.metastore.cluster.TopicRecord;
import io.kafscale.metastore.cluster.TopicTombstone;
import io.kafscale.metastore.cluster.Versioned;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Which topics there are, from the directories and streams of the bucket and the topics of the metadata. A name has one topic at a
 * time, so of several topics of a name the latest is there and the others were deleted before it was created. Pure but for new ids.
 */
final class TopicPlan {
    /** A topic that is to be, with the directory of its segments if it has any. */
    record Planned(TopicRecord topic, @Nullable FoundDirectory directory) {}

    /** What is known of a topic id. */
    private static final class Candidate {
        private final UUID id;
        private final String name;
        private @Nullable TopicRecord known;
        private @Nullable FoundDirectory directory;
        private int partitions;
        private FoundStream.@Nullable LastChunk lastChunk;
        private long newestMs;

        Candidate(UUID id, String name) {
            this.id = id;
            this.name = name;
        }

        /** The number among the topics of its name, 0 if only streams know of it. */
        long generation() {
            if (known != null) {
                return known.generationNumber();
            }
            return directory == null ? 0 : directory.generation();
        }

        /** Numbers tell who was first; of one that has none yet, time does. */
        static int byAge(Candidate one, Candidate other) {
            if (one.generation() > 0 && other.generation() > 0) {
                return Long.compare(one.generation(), other.generation());
            }
            return one.lastChunk != null && other.lastChunk != null
                    ? FoundStream.LastChunk.byAge(one.lastChunk, other.lastChunk)
                    : Long.compare(one.newestMs, other.newestMs);
        }
    }

    private final StoredNamespace stored;
    private final FoundBucket bucket;
    private final ClusterRecord cluster;
    private final Supplier<UUID> newIds;
    private final long nowMs;
    private final Map<UUID, Candidate> candidates = new HashMap<>();
    private final List<Planned> topics = new ArrayList<>();
    private final List<RestoredRecord> records = new ArrayList<>();
    private final List<RecoveryNote> notes = new ArrayList<>();

    TopicPlan(StoredNamespace stored, FoundBucket bucket, ClusterRecord cluster, Supplier<UUID> newIds, long nowMs) {
        this.stored = stored;
        this.bucket = bucket;
        this.cluster = cluster;
        this.newIds = newIds;
        this.nowMs = nowMs;
    }

    /** Decides; the results are in {@link #topics}, {@link #records} and {@link #notes}. */
    TopicPlan decide() {
        fromMetadata();
        fromStreams();
        bucket.directories().values().forEach(this::fromDirectory);
        var byName = new TreeMap<String, List<Candidate>>();
        candidates.values().stream()
                .filter(candidate -> !stored.tombstones().containsKey(candidate.id))
                .forEach(candidate -> byName.computeIfAbsent(candidate.name, _ -> new ArrayList<>())
                        .add(candidate));
        byName.forEach(this::choose);
        claims();
        return this;
    }

    List<Planned> topics() {
        return topics;
    }

    List<RestoredRecord> records() {
        return records;
    }

    List<RecoveryNote> notes() {
        return notes;
    }

    private void fromMetadata() {
        for (Versioned<TopicRecord> topic : stored.topics().values()) {
            Candidate candidate = candidate(topic.value().id(), topic.value().name());
            candidate.known = topic.value();
            candidate.partitions = topic.value().partitions();
            candidate.newestMs = topic.value().createdMs();
        }
    }

    private void fromStreams() {
        for (FoundStream stream : bucket.streams().values()) {
            for (Map.Entry<PartitionId, String> named : stream.names().entrySet()) {
                Candidate candidate = candidate(named.getKey().topicId(), named.getValue());
                candidate.partitions =
                        Math.max(candidate.partitions, named.getKey().partition() + 1);
            }
            stream.lastChunks().forEach((id, chunk) -> {
                Candidate candidate = requireNonNull(candidates.get(id));
                candidate.newestMs = Math.max(candidate.newestMs, chunk.writtenMs());
                FoundStream.LastChunk known = candidate.lastChunk;
                if (known == null || FoundStream.LastChunk.byAge(known, chunk) < 0) {
                    candidate.lastChunk = chunk;
                }
            });
        }
    }

    private Candidate candidate(UUID id, String name) {
        return candidates.computeIfAbsent(id, _ -> new Candidate(id, name));
    }

    private void fromDirectory(FoundDirectory directory) {
        if (directory.partitions.isEmpty()) {
            return; // indexes without segments
        }
        String name = directory.directory.topic();
        UUID id = idOf(directory, name);
        if (id == null || stored.tombstones().containsKey(id)) {
            return;
        }
        Candidate candidate = candidate(id, name);
        if (directory.severalTopicIds || !candidate.name.equals(name) || candidate.directory != null) {
            notes.add(RecoveryNote.damage(
                    directory.directory.toString(),
                    "its indexes name topic ids that belong elsewhere; look at it with 'kafscale segment inspect'"));
            return;
        }
        candidate.directory = directory;
        candidate.partitions = Math.max(candidate.partitions, directory.partitions.lastKey() + 1);
        candidate.newestMs = Math.max(candidate.newestMs, directory.newestMs);
    }

    /** Null for a directory whose topic was deleted. */
    private @Nullable UUID idOf(FoundDirectory directory, String name) {
        String path = directory.directory.toString();
        TopicRecord known = stored.topicIn(path);
        if (known != null) {
            return known.id();
        }
        TopicTombstone tombstone = stored.tombstoneOf(path);
        if (tombstone != null) {
            return null;
        }
        if (directory.topicId != null) {
            return directory.topicId;
        }
        // No index can be read: the one topic of the name that only streams know may be its.
        List<Candidate> unplaced = candidates.values().stream()
                .filter(candidate -> candidate.name.equals(name) && candidate.generation() == 0)
                .toList();
        return unplaced.size() == 1 ? unplaced.getFirst().id : newIds.get();
    }

    private void choose(String name, List<Candidate> all) {
        if (TopicNames.problem(name).isPresent()) {
            return;
        }
        Candidate latest = requireNonNull(all.stream().max(Candidate::byAge).orElse(null));
        long greatest = all.stream().mapToLong(Candidate::generation).max().orElse(0);
        long counter = Math.max(greatest, stored.generation(name));
        TopicRecord topic = latest.known;
        if (topic == null) {
            topic = recreated(latest, counter);
        } else if (topic.partitions() < latest.partitions) {
            notes.add(RecoveryNote.lost(
                    name, "it had " + latest.partitions + " partitions, " + topic.partitions() + " in the copy"));
            topic = topic.withPartitions(latest.partitions);
        }
        topics.add(new Planned(topic, latest.directory));
        records.add(new RestoredRecord.Generation(name, Math.max(counter, topic.generationNumber())));
        records.add(new RestoredRecord.Topic(topic));
        if (latest.known != null && latest.directory == null && isNowhere(latest)) {
            notes.add(RecoveryNote.lost(
                    name,
                    "nothing of it is in the bucket: it is empty, or was deleted after the metadata was copied; it is"
                            + " kept, delete it if it should be gone"));
        }
        for (Candidate other : all) {
            if (other != latest) {
                deleted(other, topic);
            }
        }
    }

    private boolean isNowhere(Candidate candidate) {
        return bucket.runs().keySet().stream().noneMatch(id -> id.topicId().equals(candidate.id));
    }

    private TopicRecord recreated(Candidate found, long counter) {
        long generation = found.directory == null
                ? Math.max(counter, cluster.topicGenerationsFrom()) + 1
                : found.directory.generation();
        String directory = found.directory == null
                ? TopicRecord.directoryOf(found.name, generation)
                : found.directory.directory.toString();
        notes.add(RecoveryNote.lost(
                found.name,
                "created again from the bucket with " + found.partitions + " partitions and default configs"));
        // Under which configs the records were accepted is not known: their timestamps may lie as far ahead as they
        // like.
        return new TopicRecord(
                found.id, found.name, directory, found.partitions, Map.of(), nowMs, generation, Long.MAX_VALUE);
    }

    /** A topic of the same name is there, so this one had been deleted; where numbers prove it, its objects may go. */
    private void deleted(Candidate other, TopicRecord now) {
        boolean proven = other.generation() > 0 && now.generationNumber() > other.generation();
        FoundDirectory found = other.directory;
        String directory = found == null ? null : found.directory.toString();
        if (other.known != null) {
            directory = other.known.directory();
        }
        if (!proven || directory == null) {
            notes.add(RecoveryNote.lost(
                    other.name,
                    "an earlier topic of this name (id " + other.id
                            + ") has left objects behind; they are not served and" + " not deleted"));
            return;
        }
        notes.add(RecoveryNote.done(
                other.name, "the topic of id " + other.id + " was deleted before this one was created"));
        records.add(new RestoredRecord.Tombstone(
                new TopicTombstone(other.id, other.name, directory, Math.max(1, other.partitions), nowMs)));
    }

    private void claims() {
        Map<String, String> holders = new HashMap<>();
        topics.stream()
                .map(planned -> planned.topic().name())
                .filter(TopicNames::canCollide)
                .sorted(Comparator.naturalOrder())
                .forEach(name -> {
                    String other = holders.putIfAbsent(TopicNames.collapsed(name), name);
                    if (other == null) {
                        records.add(new RestoredRecord.Claim(name));
                    } else {
                        notes.add(RecoveryNote.lost(name, "its name collides with that of topic '" + other + "'"));
                    }
                });
        stored.claims().keySet().stream()
                .filter(collapsed -> !holders.containsKey(collapsed))
                .forEach(collapsed -> records.add(new RestoredRecord.NoClaim(collapsed)));
    }
}
