package io.kafscale.metastore.cluster;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.kafscale.metastore.Bytes;
import io.kafscale.metastore.KeyValue;
import io.kafscale.metastore.MetadataException;
import java.util.ArrayList;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The JSON form of every record. Written by hand, field by field, so that renaming something in Java never changes what is stored.
 * Decoding a value that breaks a record's own rules fails with {@link MetadataException.Kind#CORRUPT}. Stateless.
 */
final class RecordJson {
    private RecordJson() {}

    static Bytes encode(ClusterRecord record) {
        return JsonFields.encode(JsonFields.object()
                .put("clusterId", record.clusterId())
                .put("restoreGeneration", record.restoreGeneration())
                .put("createdMs", record.createdMs()));
    }

    static ClusterRecord cluster(KeyValue stored) {
        return decode(
                stored,
                json -> new ClusterRecord(
                        json.text("clusterId"), json.smallNumber("restoreGeneration"), json.number("createdMs")));
    }

    static Bytes encode(BrokerRegistration record) {
        ObjectNode json = JsonFields.object()
                .put("epoch", record.incarnation().brokerEpoch())
                .put("host", record.host())
                .put("port", record.port());
        if (record.rack() != null) {
            json.put("rack", record.rack());
        }
        return JsonFields.encode(json.put("version", record.version()).put("startedMs", record.startedMs()));
    }

    static BrokerRegistration broker(int brokerId, KeyValue stored) {
        return decode(
                stored,
                json -> new BrokerRegistration(
                        new BrokerIncarnation(brokerId, json.number("epoch")),
                        json.text("host"),
                        json.smallNumber("port"),
                        json.optionalText("rack"),
                        json.text("version"),
                        json.number("startedMs")));
    }

    static Bytes encode(BrokerAvailability record) {
        return JsonFields.encode(JsonFields.object()
                .put("epoch", record.incarnation().brokerEpoch())
                .put("state", record.state().name().toLowerCase(Locale.ROOT)));
    }

    static BrokerAvailability availability(int brokerId, KeyValue stored) {
        return decode(
                stored,
                json -> new BrokerAvailability(
                        new BrokerIncarnation(brokerId, json.number("epoch")),
                        BrokerAvailability.State.valueOf(json.text("state").toUpperCase(Locale.ROOT))));
    }

    static Bytes encode(Suspicions record) {
        ObjectNode json = JsonFields.object().put("epoch", record.observer().brokerEpoch());
        ArrayNode suspects = json.putArray("suspects");
        record.suspects().stream().map(BrokerIncarnation::streamName).sorted().forEach(suspects::add);
        return JsonFields.encode(json);
    }

    static Suspicions suspicions(int observerId, KeyValue stored) {
        return decode(
                stored,
                json -> new Suspicions(
                        new BrokerIncarnation(observerId, json.number("epoch")),
                        json.textList("suspects").stream()
                                .map(BrokerIncarnation::parse)
                                .collect(Collectors.toSet())));
    }

    static Bytes encodeEviction(BrokerIncarnation evicted, BrokerIncarnation by) {
        return JsonFields.encode(
                JsonFields.object().put("evicted", evicted.streamName()).put("by", by.streamName()));
    }

    static Bytes encodeRole(BrokerIncarnation holder) {
        return JsonFields.encode(JsonFields.object().put("broker", holder.streamName()));
    }

    static Bytes encodePin(int brokerId) {
        return JsonFields.encode(JsonFields.object().put("broker", brokerId));
    }

    static int pin(KeyValue stored) {
        return decode(stored, json -> json.smallNumber("broker"));
    }

    static Bytes encode(ShardOwner record) {
        ObjectNode json = JsonFields.object().put("epoch", record.epoch());
        if (record.incarnation() != null) {
            json.put("owner", record.incarnation().streamName());
        }
        return JsonFields.encode(json);
    }

    static ShardOwner shardOwner(KeyValue stored) {
        return decode(stored, json -> {
            String owner = json.optionalText("owner");
            return new ShardOwner(json.number("epoch"), owner == null ? null : BrokerIncarnation.parse(owner));
        });
    }

    static Bytes encode(StreamRecord record) {
        ObjectNode json = JsonFields.object().put("state", record.state().name().toLowerCase(Locale.ROOT));
        if (record.sealSequence() != null) {
            json.put("sealSequence", record.sealSequence());
        }
        return JsonFields.encode(json);
    }

    static StreamRecord stream(BrokerIncarnation incarnation, KeyValue stored) {
        return decode(
                stored,
                json -> new StreamRecord(
                        incarnation,
                        StreamRecord.State.valueOf(json.text("state").toUpperCase(Locale.ROOT)),
                        boxed(json.optionalNumber("sealSequence"))));
    }

    static Bytes encode(TopicRecord record) {
        ObjectNode json = JsonFields.object()
                .put("id", record.id().toString())
                .put("directory", record.directory())
                .put("partitions", record.partitions())
                .put("generation", record.generationNumber())
                .put("createdMs", record.createdMs())
                .put("timestampLeadMs", record.timestampLeadMs());
        ObjectNode configs = json.putObject("configs");
        new TreeMap<>(record.configs()).forEach(configs::put);
        return JsonFields.encode(json);
    }

    static TopicRecord topic(String name, KeyValue stored) {
        return decode(stored, json -> {
            Map<String, String> configs = json.texts("configs");
            return new TopicRecord(
                    UUID.fromString(json.text("id")),
                    name,
                    json.text("directory"),
                    json.smallNumber("partitions"),
                    configs,
                    json.number("createdMs"),
                    json.number("generation"),
                    // What was written before there was such a field goes by what it has now.
                    json.optionalNumber("timestampLeadMs").orElseGet(() -> TopicRecord.timestampLeadMs(configs)));
        });
    }

    static Bytes encode(GroupConfigRecord record) {
        ObjectNode json = JsonFields.object();
        ObjectNode configs = json.putObject("configs");
        new TreeMap<>(record.configs()).forEach(configs::put);
        return JsonFields.encode(json);
    }

    static GroupConfigRecord groupConfig(String group, KeyValue stored) {
        return decode(stored, json -> new GroupConfigRecord(group, json.texts("configs")));
    }

    static Bytes encode(TopicTombstone record) {
        return JsonFields.encode(JsonFields.object()
                .put("name", record.name())
                .put("directory", record.directory())
                .put("partitions", record.partitions())
                .put("deletedMs", record.deletedMs()));
    }

    static TopicTombstone tombstone(UUID topicId, KeyValue stored) {
        return decode(
                stored,
                json -> new TopicTombstone(
                        topicId,
                        json.text("name"),
                        json.text("directory"),
                        json.smallNumber("partitions"),
                        json.number("deletedMs")));
    }

    static Bytes encode(PartitionRecord record) {
        ObjectNode json = JsonFields.object();
        if (record.leader() != null) {
            json.put("leader", record.leader().streamName());
        }
        json.put("leaderEpoch", record.leaderEpoch())
                .put("logStart", record.logStartOffset())
                .put("segmentEnd", record.segmentEndOffset());
        ArrayNode tenures = json.putArray("tenures");
        for (Tenure tenure : record.tenures()) {
            ObjectNode part = JsonFields.part()
                    .put("epoch", tenure.leaderEpoch())
                    .put("stream", tenure.stream().streamName())
                    .put("start", tenure.startOffset());
            if (!tenure.isOpen()) {
                part.put("end", tenure.endOffset());
            }
            tenures.add(part);
        }
        return JsonFields.encode(json);
    }

    static PartitionRecord partition(PartitionId id, KeyValue stored) {
        return decode(stored, json -> {
            var tenures = new ArrayList<Tenure>();
            for (JsonFields part : json.list("tenures")) {
                tenures.add(new Tenure(
                        part.smallNumber("epoch"),
                        BrokerIncarnation.parse(part.text("stream")),
                        part.number("start"),
                        part.optionalNumber("end").orElse(Tenure.OPEN)));
            }
            String leader = json.optionalText("leader");
            return new PartitionRecord(
                    id.topicId(),
                    id.partition(),
                    leader == null ? null : BrokerIncarnation.parse(leader),
                    json.smallNumber("leaderEpoch"),
                    json.number("logStart"),
                    json.number("segmentEnd"),
                    tenures);
        });
    }

    /** A counter says who raised it, so that two that raise it to the same number can tell whose write applied. */
    static Bytes encodeCounter(long last, String by) {
        return JsonFields.encode(JsonFields.object().put("last", last).put("by", by));
    }

    static long counter(KeyValue stored) {
        return decode(stored, json -> json.number("last"));
    }

    static Bytes encodeClaim(String topicName) {
        return JsonFields.encode(JsonFields.object().put("topic", topicName));
    }

    static String claim(KeyValue stored) {
        return decode(stored, json -> json.text("topic"));
    }

    private static <T> T decode(KeyValue stored, Function<JsonFields, T> reader) {
        JsonFields json = JsonFields.decode(stored);
        try {
            return reader.apply(json);
        } catch (IllegalArgumentException impossible) {
            throw JsonFields.corrupt(json.where(), "is not possible: " + impossible.getMessage(), impossible);
        }
    }

    private static @Nullable Long boxed(OptionalLong number) {
        return number.isPresent() ? number.getAsLong() : null;
    }
}
