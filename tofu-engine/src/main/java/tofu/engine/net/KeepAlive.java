package tofu.engine.net;

import java.io.IOException;
import java.net.SocketOption;
import java.nio.channels.SocketChannel;
import tofu.api.Options;

/// When the system asks whether the peer of a quiet TCP connection is still there.
///
/// The options are found by their names: they are in a module of the JDK that need not be there,
/// `jdk.net`, and a system may not have them.
///
/// @param idleSeconds before the first question
/// @param intervalSeconds before the next one
/// @param count questions without an answer that end the connection
public record KeepAlive(int idleSeconds, int intervalSeconds, int count) {
    /// Takes the values from the options.
    ///
    /// @param options the engine's options
    /// @return the values
    public static KeepAlive of(Options options) {
        return new KeepAlive(
                (int) options.keepAliveIdle().toSeconds(),
                (int) options.keepAliveInterval().toSeconds(),
                options.keepAliveCount());
    }

    /// Sets what the system has of it.
    void apply(SocketChannel channel) {
        try {
            for (SocketOption<?> option : channel.supportedOptions()) {
                switch (option.name()) {
                    case "TCP_KEEPIDLE" -> set(channel, option, idleSeconds);
                    case "TCP_KEEPINTERVAL" -> set(channel, option, intervalSeconds);
                    case "TCP_KEEPCOUNT" -> set(channel, option, count);
                    default -> {}
                }
            }
        } catch (IOException e) {
            // The connection has gone, which reading will tell.
        }
    }

    @SuppressWarnings("unchecked") // all three are numbers, says jdk.net
    private static void set(SocketChannel channel, SocketOption<?> option, int value)
            throws IOException {
        channel.setOption((SocketOption<Integer>) option, value);
    }
}
