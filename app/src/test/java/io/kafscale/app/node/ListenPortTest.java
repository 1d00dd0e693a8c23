package io.kafscale.app.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.kafscale.app.settings.HostPort;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

class ListenPortTest {
    private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();
    private static final int ANY = 0;

    @Test
    void aClientIsRefusedWhileTheBrokerStarts() throws IOException {
        // Given
        try (var port = ListenPort.hold(new HostPort("127.0.0.1", ANY))) {
            // When / Then
            assertThatThrownBy(() -> connect(port.port())).isInstanceOf(ConnectException.class);
        }
    }

    @Test
    void anAddressOnWhichSomethingListensIsFoundInUse() throws IOException {
        // Given
        try (var server = new ServerSocket(ANY, 1, LOOPBACK)) {
            var taken = new HostPort("127.0.0.1", server.getLocalPort());
            // When / Then
            assertThatThrownBy(() -> ListenPort.hold(taken)).isInstanceOf(IOException.class);
        }
    }

    @Test
    void theServerBindsAnAddressThatIsHandedOver() throws IOException {
        // Given
        try (var port = ListenPort.hold(new HostPort("127.0.0.1", ANY))) {
            int chosen = port.port();
            // When
            port.handOver();
            // Then
            try (var server = new ServerSocket(chosen, 1, LOOPBACK)) {
                assertThat(connect(server.getLocalPort())).isEqualTo(chosen);
            }
        }
    }

    /** Connects and returns the port that it is connected to. */
    private static int connect(int port) throws IOException {
        try (var client = new Socket(LOOPBACK, port)) {
            return client.getPort();
        }
    }
}
