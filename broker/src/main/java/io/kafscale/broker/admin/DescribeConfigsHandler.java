package io.kafscale.broker.admin;

import io.kafscale.broker.request.BrokerContext;
import io.kafscale.coordinator.GroupConfigRules;
import io.kafscale.metastore.cluster.TopicNames;
import io.kafscale.metastore.cluster.TopicRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.message.DescribeConfigsRequestData;
import org.apache.kafka.common.message.DescribeConfigsRequestData.DescribeConfigsResource;
import org.apache.kafka.common.message.DescribeConfigsResponseData;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResourceResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsResult;
import org.apache.kafka.common.message.DescribeConfigsResponseData.DescribeConfigsSynonym;
import org.apache.kafka.common.requests.ApiError;
import org.apache.kafka.common.requests.DescribeConfigsRequest;
import org.apache.kafka.common.requests.DescribeConfigsResponse;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigSource;
import org.apache.kafka.common.requests.DescribeConfigsResponse.ConfigType;
import org.apache.kafka.storage.internals.log.LogConfig;

/** Answers DescribeConfigs for topics, consumer groups and, read-only, for this broker. */
public final class DescribeConfigsHandler {
    private static final LogConfig.LogConfigDef DEFINITION = LogConfig.configDefCopy();

    private final BrokerContext broker;
    private final TopicConfigs configs;

    /** A handler over the broker's image and settings. */
    public DescribeConfigsHandler(BrokerContext broker) {
        this.broker = broker;
        this.configs = new TopicConfigs(broker.settings().topics());
    }

    /** Answers at once, each resource on its own. */
    public CompletableFuture<DescribeConfigsResponse> handle(DescribeConfigsRequest request) {
        List<DescribeConfigsResult> results = new ArrayList<>();
        for (DescribeConfigsResource resource : request.data().resources()) {
            var result = new DescribeConfigsResult()
                    .setResourceType(resource.resourceType())
                    .setResourceName(resource.resourceName());
            try {
                result.setConfigs(describe(request.data(), resource));
            } catch (ApiException refused) {
                ApiError error = ApiError.fromThrowable(refused);
                result.setErrorCode(error.error().code()).setErrorMessage(error.message());
            }
            results.add(result);
        }
        return CompletableFuture.completedFuture(
                new DescribeConfigsResponse(new DescribeConfigsResponseData().setResults(results)));
    }

    private List<DescribeConfigsResourceResult> describe(
            DescribeConfigsRequestData request, DescribeConfigsResource resource) {
        List<DescribeConfigsResourceResult> all = switch (ConfigResource.Type.forId(resource.resourceType())) {
            case TOPIC -> topic(request, resource.resourceName());
            case BROKER -> broker(resource.resourceName());
            case GROUP -> group(request, resource.resourceName());
            case BROKER_LOGGER, CLIENT_METRICS, UNKNOWN ->
                throw new InvalidRequestException("Only configs of topics, groups and brokers can be described, not of "
                        + ConfigResource.Type.forId(resource.resourceType())
                                .name()
                                .toLowerCase(Locale.ROOT));
        };
        List<String> wanted = resource.configurationKeys();
        return wanted == null
                ? all
                : all.stream().filter(config -> wanted.contains(config.name())).toList();
    }

    private List<DescribeConfigsResourceResult> topic(DescribeConfigsRequestData request, String name) {
        TopicNames.problem(name).ifPresent(problem -> {
            throw new InvalidTopicException(problem);
        });
        TopicRecord topic = broker.cluster()
                .topic(name)
                .orElseThrow(() -> new UnknownTopicOrPartitionException("There is no topic " + name + "."));
        List<DescribeConfigsResourceResult> described = new ArrayList<>();
        configs.effective(topic.configs())
                .forEach((config, value) -> described.add(
                        topicConfig(request, config, value, topic.configs().containsKey(config))));
        return described;
    }

    private DescribeConfigsResourceResult topicConfig(
            DescribeConfigsRequestData request, String name, String value, boolean set) {
        ConfigDef.ConfigKey key = TopicConfigs.key(name);
        var described = new DescribeConfigsResourceResult()
                .setName(name)
                .setValue(value)
                .setConfigSource((set ? ConfigSource.TOPIC_CONFIG : ConfigSource.DEFAULT_CONFIG).id())
                .setConfigType(type(key.type).id());
        if (request.includeDocumentation()) {
            described.setDocumentation(documentation(key));
        }
        if (request.includeSynonyms()) {
            List<DescribeConfigsSynonym> synonyms = new ArrayList<>();
            if (set) {
                synonyms.add(synonym(name, value, ConfigSource.TOPIC_CONFIG));
            }
            synonyms.add(synonym(
                    DEFINITION.serverConfigName(name).orElse(name),
                    Objects.requireNonNull(configs.defaults().get(name)),
                    ConfigSource.DEFAULT_CONFIG));
            described.setSynonyms(synonyms);
        }
        return described;
    }

    private static String documentation(ConfigDef.ConfigKey key) {
        TopicConfigRule rule = Objects.requireNonNull(TopicConfigRules.byName().get(key.name));
        return key.documentation + " In this broker: "
                + switch (rule.treatment()) {
                    case HONOURED -> "honoured. ";
                    case BY_CONSTRUCTION -> "any value is accepted. ";
                    case DEFAULT_ONLY -> "only the default is accepted. ";
                }
                + rule.note();
    }

    /** As in Kafka, whether there is such a group or not. */
    private List<DescribeConfigsResourceResult> group(DescribeConfigsRequestData request, String name) {
        if (name.isEmpty()) {
            throw new InvalidRequestException("Group name must not be empty");
        }
        Map<String, String> set = broker.cluster().groupConfigs(name);
        List<DescribeConfigsResourceResult> described = new ArrayList<>();
        broker.groupSettings()
                .rules()
                .defaults()
                .forEach((config, standard) ->
                        described.add(groupConfig(request, config, standard, Optional.ofNullable(set.get(config)))));
        return described;
    }

    private static DescribeConfigsResourceResult groupConfig(
            DescribeConfigsRequestData request, String name, String standard, Optional<String> set) {
        ConfigDef.ConfigKey key = GroupConfigRules.key(name);
        var described = new DescribeConfigsResourceResult()
                .setName(name)
                .setValue(set.orElse(standard))
                .setConfigSource((set.isPresent() ? ConfigSource.GROUP_CONFIG : ConfigSource.DEFAULT_CONFIG).id())
                .setConfigType(type(key.type).id());
        if (request.includeDocumentation()) {
            described.setDocumentation(key.documentation);
        }
        if (request.includeSynonyms()) {
            List<DescribeConfigsSynonym> synonyms = new ArrayList<>();
            set.ifPresent(value -> synonyms.add(synonym(name, value, ConfigSource.GROUP_CONFIG)));
            synonyms.add(synonym(GroupConfigRules.brokerName(name), standard, ConfigSource.DEFAULT_CONFIG));
            described.setSynonyms(synonyms);
        }
        return described;
    }

    private static DescribeConfigsSynonym synonym(String name, String value, ConfigSource source) {
        return new DescribeConfigsSynonym().setName(name).setValue(value).setSource(source.id());
    }

    private List<DescribeConfigsResourceResult> broker(String name) {
        if (name.isEmpty()) {
            // The dynamic default of all brokers: nothing can be set there.
            return List.of();
        }
        String self = Integer.toString(broker.settings().nodeId());
        if (!name.equals(self)) {
            throw new InvalidRequestException(
                    "Unexpected broker id, expected " + self + " or empty string, but received " + name);
        }
        List<DescribeConfigsResourceResult> described = new ArrayList<>();
        new TreeMap<>(broker.settings().described())
                .forEach((config, value) -> described.add(new DescribeConfigsResourceResult()
                        .setName(config)
                        .setValue(value)
                        .setReadOnly(true)
                        .setConfigSource(ConfigSource.STATIC_BROKER_CONFIG.id())
                        .setConfigType(ConfigType.STRING.id())));
        return described;
    }

    private static ConfigType type(ConfigDef.Type type) {
        return switch (type) {
            case BOOLEAN -> ConfigType.BOOLEAN;
            case STRING -> ConfigType.STRING;
            case INT -> ConfigType.INT;
            case SHORT -> ConfigType.SHORT;
            case LONG -> ConfigType.LONG;
            case DOUBLE -> ConfigType.DOUBLE;
            case LIST -> ConfigType.LIST;
            case CLASS -> ConfigType.CLASS;
            case PASSWORD -> ConfigType.PASSWORD;
        };
    }
}
