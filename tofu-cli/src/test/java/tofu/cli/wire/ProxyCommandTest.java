package tofu.cli.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What the proxy does when it cannot accept.
@Timeout(60)
class ProxyCommandTest {
    @Test
    void whatKeepsAConnectionFromComingPassesAndIsSaidOnce() throws Exception {
        List<String> said = new ArrayList<>();
        CompletableFuture<Integer> taken = new CompletableFuture<>();
        int[] tries = {0};
        try (SocketChannel channel = SocketChannel.open()) {
            ProxyCommand.accept(
                    () ->
                            switch (++tries[0]) {
                                case 1, 2 -> throw new IOException("Too many open files");
                                case 3 -> new RawSocket(channel, false);
                                default -> throw new AsynchronousCloseException();
                            },
                    (number, client) -> taken.complete(number),
                    (number, what) -> said.add(number + " " + what));
            assertThat(taken.get(30, TimeUnit.SECONDS)).isEqualTo(1);
        }
        assertThat(said).containsExactly("1 cannot accept: Too many open files");
    }
}
