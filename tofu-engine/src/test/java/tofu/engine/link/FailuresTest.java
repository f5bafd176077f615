package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.PortUnreachableException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tofu.api.Status;
import tofu.engine.net.PeerException;
import tofu.engine.net.SocketOptionException;

/// The table once more, each row by an exception of its own.
public class FailuresTest {
    /// The exception of a net whose socket options fail; only nets make it.
    public static SocketOptionException socketOption() {
        try {
            var constructor =
                    SocketOptionException.class.getDeclaredConstructor(
                            java.net.SocketOption.class, Throwable.class);
            constructor.setAccessible(true);
            return constructor.newInstance(
                    java.net.StandardSocketOptions.TCP_NODELAY, new SocketException("no"));
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    static Stream<Arguments> connecting() {
        return Stream.of(
                Arguments.of(new NoSuchFileException("/x"), Status.UDS_PATH_NOT_FOUND),
                Arguments.of(new ConnectException("refused"), Status.CONNECT_FAILED),
                Arguments.of(new NoRouteToHostException("no route"), Status.CONNECT_FAILED),
                Arguments.of(socketOption(), Status.SETSOCKOPT_FAILED),
                Arguments.of(new SocketException("unreachable"), Status.COMMUNICATION_FAILED),
                Arguments.of(new SocketTimeoutException(), Status.COMMUNICATION_FAILED),
                Arguments.of(new AccessDeniedException("/x"), Status.COMMUNICATION_FAILED),
                Arguments.of(new ClosedChannelException(), Status.COMMUNICATION_FAILED),
                Arguments.of(new IOException((String) null), Status.COMMUNICATION_FAILED));
    }

    @ParameterizedTest
    @MethodSource("connecting")
    void connectingFailsWith(IOException failure, Status expected) {
        assertThat(Failures.connecting(failure)).isEqualTo(expected);
    }

    static Stream<Arguments> listening() {
        return Stream.of(
                Arguments.of(new BindException("Address already in use"), Status.ADDRESS_IN_USE),
                Arguments.of(new BindException(null), Status.ADDRESS_IN_USE),
                Arguments.of(new SocketException("in use"), Status.LISTEN_FAILED),
                Arguments.of(new FileAlreadyExistsException("/x"), Status.LISTEN_FAILED),
                Arguments.of(new EOFException(), Status.LISTEN_FAILED));
    }

    @ParameterizedTest
    @MethodSource("listening")
    void listeningFailsWith(IOException failure, Status expected) {
        assertThat(Failures.listening(failure)).isEqualTo(expected);
    }

    static Stream<Arguments> accepting() {
        return Stream.of(
                Arguments.of(socketOption(), Status.SETSOCKOPT_FAILED),
                Arguments.of(new SocketException("too many files"), Status.ACCEPT_FAILED),
                Arguments.of(
                        new PeerException("a bad path", new IOException()), Status.ACCEPT_FAILED),
                Arguments.of(new PortUnreachableException(), Status.ACCEPT_FAILED));
    }

    @ParameterizedTest
    @MethodSource("accepting")
    void acceptingFailsWith(IOException failure, Status expected) {
        assertThat(Failures.accepting(failure)).isEqualTo(expected);
    }
}
