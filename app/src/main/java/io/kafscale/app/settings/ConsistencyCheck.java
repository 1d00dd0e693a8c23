package io.kafscale.app.settings;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What no single value shows: values that contradict each other, and values that ask for what this version does not have. */
final class ConsistencyCheck {
    private final EffectiveSettings values;
    private final List<String> problems = new ArrayList<>();

    private ConsistencyCheck(EffectiveSettings values) {
        this.values = values;
    }

    static void check(EffectiveSettings values) {
        var check = new ConsistencyCheck(values);
        check.notBuiltYet();
        check.addresses();
        check.stores();
        check.etcd();
        check.bounds();
        if (!check.problems.isEmpty()) {
            throw new SettingsException(check.problems);
        }
    }

    private void notBuiltYet() {
        for (var reserved : List.of(SettingKeys.METRICS_LISTEN, SettingKeys.CONTROL_LISTEN)) {
            if (values.get(reserved).isPresent()) {
                report(reserved, "asks for an endpoint that is not built yet in this version; remove the setting");
            }
        }
    }

    private void addresses() {
        var advertised = values.get(SettingKeys.ADVERTISED);
        if (advertised.isEmpty() && values.get(SettingKeys.LISTEN).isWildcard()) {
            report(
                    SettingKeys.LISTEN,
                    "listens on all interfaces, which is no address clients can be told; set advertised=host:port to the"
                            + " one they reach this broker by");
        }
        if (advertised
                .filter(address -> address.isWildcard() || address.port() == 0)
                .isPresent()) {
            report(SettingKeys.ADVERTISED, "is no address a client can connect to; name a host and a port");
        }
    }

    private void stores() {
        var storage = values.get(SettingKeys.STORAGE_URI);
        var metadata = values.get(SettingKeys.METADATA_URI);
        if (storage instanceof StorageUri.Memory && !(metadata instanceof MetadataUri.Memory)) {
            report(
                    SettingKeys.STORAGE_URI,
                    "forgets all records at exit while metadata.uri = '" + metadata
                            + "' keeps what points at them; set metadata.uri=memory: too");
        }
        if (storage instanceof StorageUri.Directory(var objects)
                && metadata instanceof MetadataUri.Directory(var directory)
                && objects.toAbsolutePath().equals(directory.toAbsolutePath())) {
            report(SettingKeys.METADATA_URI, "is the directory of storage.uri; give each a directory of its own");
        }
    }

    private void etcd() {
        MetadataUri uri = values.get(SettingKeys.METADATA_URI);
        for (var setting : SettingKeys.OF_ETCD) {
            boolean wantsTls = SettingKeys.OF_ETCD_TLS.contains(setting);
            if (values.get(setting).isEmpty()) {
                continue;
            }
            if (!(uri instanceof MetadataUri.Etcd etcd)) {
                report(setting, "is about etcd, but metadata.uri = '" + uri + "' is another store; remove the setting");
            } else if (wantsTls && !etcd.tls()) {
                report(setting, "is about TLS, but metadata.uri = '" + uri + "' asks for none; write etcds://");
            }
        }
        bothOrNone(SettingKeys.ETCD_USERNAME, SettingKeys.ETCD_PASSWORD);
        bothOrNone(SettingKeys.ETCD_TLS_CERTIFICATE, SettingKeys.ETCD_TLS_KEY);
    }

    private void bothOrNone(Setting<? extends Optional<?>> one, Setting<? extends Optional<?>> other) {
        if (values.get(one).isPresent() != values.get(other).isPresent()) {
            var set = values.get(one).isPresent() ? one : other;
            report(set, "is of no use without " + (set.equals(one) ? other : one).key() + "; set both or none");
        }
    }

    private void bounds() {
        atLeast(SettingKeys.QUEUED_REQUEST_BYTES, SettingKeys.SOCKET_REQUEST_MAX_BYTES);
        atLeast(SettingKeys.WAL_BUFFER_BYTES, SettingKeys.WAL_FLUSH_BYTES);
        atLeast(SettingKeys.GROUP_MAX_SESSION_TIMEOUT, SettingKeys.GROUP_MIN_SESSION_TIMEOUT);
    }

    private <C extends Comparable<C>> void atLeast(Setting<C> larger, Setting<C> smaller) {
        if (values.get(larger).compareTo(values.get(smaller)) < 0) {
            var other = values.valueOf(smaller);
            report(
                    larger,
                    "is less than " + smaller.key() + " = '" + other.shown() + "' (" + other.source()
                            + "); raise the one or lower the other");
        }
    }

    private void report(Setting<?> setting, String whatAndRemedy) {
        var value = values.valueOf(setting);
        problems.add(SettingsReader.problem(setting, value.text(), value.source(), whatAndRemedy));
    }
}
