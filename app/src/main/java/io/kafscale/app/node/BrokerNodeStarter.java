package io.kafscale.app.node;

import io.kafscale.app.cli.CommandException;
import io.kafscale.app.settings.HostPort;
import io.kafscale.app.settings.KafscaleSettings;
import io.kafscale.broker.request.BrokerContext;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Starts the real broker; the only place where its parts are put together is {@link BrokerNode}. */
public final class BrokerNodeStarter implements NodeStarter {
    @Override
    public RunningNode start(KafscaleSettings settings) {
        HostPort listen = settings.network().listen();
        NativeCodecs.load();
        try (var port = ListenPort.hold(listen)) {
            var node = new BrokerNode(settings, new HostPort(listen.host(), port.port()));
            try {
                BrokerContext context = node.takeOver();
                port.handOver();
                node.listen(context);
                return node;
            } catch (RuntimeException | IOException | ExecutionException failure) {
                node.abandon();
                throw failure;
            } catch (InterruptedException interrupted) {
                node.abandon();
                Thread.currentThread().interrupt();
                throw new CommandException("The start was interrupted.", interrupted);
            }
        } catch (IOException refused) {
            throw new CommandException(
                    "cannot listen on " + listen + ": " + refused.getMessage()
                            + ". Stop what uses that address, or set 'listen' to another one.",
                    refused);
        } catch (ExecutionException | CompletionException failure) {
            throw failure.getCause() instanceof RuntimeException cause
                    ? cause
                    : new CommandException("the broker could not start: " + failure.getCause(), failure);
        }
    }
}
