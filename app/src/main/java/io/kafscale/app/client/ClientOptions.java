package io.kafscale.app.client;

import io.kafscale.app.cli.CommandException;
import io.kafscale.app.settings.HostPort;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code --bootstrap}, by the name of Kafka's own tools too, and {@code --property}: mixed into every command that talks to a broker. Main thread. */
public final class ClientOptions {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);
    private static final String CALL_TIMEOUT_MS = "30000";
    private static final String REQUEST_TIMEOUT_MS = "15000";

    @Spec(Spec.Target.MIXEE)
    private CommandSpec spec;

    @Option(
            names = {"--bootstrap", "--bootstrap-server"},
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:9092",
            description = "Brokers to ask first, separated by commas. Default: ${DEFAULT-VALUE}.")
    private String bootstrap = "";

    @Option(
            names = "--property",
            paramLabel = "KEY=VALUE",
            description = "A property of the Kafka client, such as security.protocol=SSL; may be repeated.")
    private Map<String, String> properties = new LinkedHashMap<>();

    /** The command these options belong to. */
    CommandSpec command() {
        return spec;
    }

    /** Properties of a Kafka client: ours, the command's, and over them the user's. */
    Properties with(Map<String, String> ofTheCommand) {
        requireBroker();
        var all = new Properties();
        all.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrap);
        all.put(CommonClientConfigs.CLIENT_ID_CONFIG, "kafscale-cli");
        all.put(CommonClientConfigs.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
        all.put(CommonClientConfigs.ENABLE_METRICS_PUSH_CONFIG, "false");
        all.putAll(ofTheCommand);
        all.putAll(properties);
        return all;
    }

    /** An admin client, to be closed by the caller. */
    BrokerSession open() {
        return BrokerSession.open(
                with(Map.of(CommonClientConfigs.DEFAULT_API_TIMEOUT_MS_CONFIG, CALL_TIMEOUT_MS)),
                spec.commandLine().getErr());
    }

    /** Kafka's clients retry refused connections in silence until they time out: find out now. */
    private void requireBroker() {
        var failures = new ArrayList<String>();
        for (HostPort address : addresses()) {
            try (var socket = new Socket()) {
                socket.connect(new InetSocketAddress(address.host(), address.port()), (int) CONNECT_TIMEOUT.toMillis());
                return;
            } catch (IOException unreachable) {
                failures.add(address + " (" + reason(unreachable) + ")");
            }
        }
        throw new CommandException("No broker answers at " + String.join(", ", failures)
                + ". Start one with 'kafscale broker', or name the address of one with --bootstrap host:port.");
    }

    private static String reason(IOException unreachable) {
        return switch (unreachable) {
            case java.net.UnknownHostException _ -> "unknown host";
            case java.net.ConnectException _ -> "connection refused";
            case java.net.SocketTimeoutException _ -> "no answer in " + CONNECT_TIMEOUT.toSeconds() + " s";
            default -> String.valueOf(unreachable.getMessage());
        };
    }

    private List<HostPort> addresses() {
        try {
            return Arrays.stream(bootstrap.split(",", -1)).map(HostPort::parse).toList();
        } catch (IllegalArgumentException malformed) {
            throw new CommandException("--bootstrap " + bootstrap + " " + malformed.getMessage() + ".", malformed);
        }
    }
}
