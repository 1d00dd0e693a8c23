package io.kafscale.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.metastore.cluster.MetadataKeys;
import java.time.Duration;
import java.util.SplittableRandom;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.coordinator.group.GroupCoordinatorConfig;
import org.junit.jupiter.api.Test;

class GroupCoordinatorSettingsTest {
    @Test
    void everyDefaultIsKafkas() {
        var kafkas = GroupCoordinatorConfig.CONFIG_DEF.defaultValues();
        var ours = GroupCoordinatorConfig.CONFIG_DEF.parse(
                GroupCoordinatorSettings.defaults().toKafka());
        assertThat(GroupCoordinatorSettings.defaults().toKafka())
                .hasSize(20)
                .allSatisfy((name, value) -> assertThat(String.valueOf(ours.get(name)))
                        .as(name)
                        .isEqualTo(String.valueOf(kafkas.get(name))));
    }

    @Test
    void theDefaultsInWords() {
        var defaults = GroupCoordinatorSettings.defaults();
        assertThat(defaults.classic().initialRebalanceDelay()).isEqualTo(Duration.ofSeconds(3));
        assertThat(defaults.offsets().retention()).isEqualTo(Duration.ofDays(7));
        assertThat(defaults.queuedWriteBytes()).isEqualTo(67_108_864);
    }

    @Test
    void settingsThatContradictEachOtherAreRefusedAtTheStart() {
        var defaults = GroupCoordinatorSettings.defaults();
        var bad = new GroupCoordinatorSettings(
                0,
                1,
                defaults.queuedWriteBytes(),
                defaults.drainLimit(),
                defaults.offsets(),
                defaults.classic(),
                defaults.consumer());
        var identity = new GroupCoordinatorHost.Identity(1, new MetadataKeys("test"), 1);
        var collaborators = new GroupCoordinatorHost.Collaborators(
                new MemoryMetadataStore(),
                new ManualLoop(),
                new SplittableRandom(),
                TestBroker.UNDISTURBED,
                (shard, why) -> {});
        assertThatThrownBy(() -> GroupCoordinatorHost.start(identity, bad, collaborators))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("group.coordinator.threads");
    }
}
