package tofu.bench.echo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.zeromq.SocketType;
import org.zeromq.ZContext;
import org.zeromq.ZMQ;

/// The echoes of docs/guide/from-others.md; that of tofu is in tofu-tests.
@Timeout(60)
class EchoTest {
    @Test
    void nettyEchoes() throws Exception {
        try (EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory())) {
            Channel server = NettyEcho.serve(loops);
            int port = ((InetSocketAddress) server.localAddress()).getPort();
            assertThat(NettyEcho.echo(loops, port, "Hello, Netty!")).isEqualTo("Hello, Netty!");
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        }
    }

    @Test
    void jeroMqEchoes() throws Exception {
        try (ZContext context = new ZContext()) {
            ZMQ.Socket socket = context.createSocket(SocketType.REP);
            int port = socket.bindToRandomPort("tcp://127.0.0.1");
            Thread server = Thread.ofPlatform().start(() -> JeroMqEcho.serveOne(socket));
            String address = "tcp://127.0.0.1:" + port;
            assertThat(JeroMqEcho.echo(context, address, "Hello, ZeroMQ!"))
                    .isEqualTo("Hello, ZeroMQ!");
            server.join();
        }
    }

    /// Only where there are a C compiler and nng's headers.
    @Test
    void nngEchoes(@TempDir Path folder) throws Exception {
        assumeTrue(Files.exists(Path.of("/usr/include/nng/nng.h")), "no nng");
        assumeTrue(Files.exists(Path.of("/usr/bin/gcc")), "no gcc");
        Path source = Path.of("src/main/c/echo-nng.c").toAbsolutePath();
        String program = folder.resolve("echo-nng").toString();
        run(List.of("gcc", "-Wall", "-Werror", "-o", program, source.toString(), "-lnng"));
        String url = "ipc://" + folder.resolve("s");
        Process server = new ProcessBuilder(program, "serve", url).inheritIO().start();
        try {
            while (!Files.exists(folder.resolve("s"))) {
                assertThat(server.isAlive()).isTrue();
                Thread.onSpinWait();
            }
            assertThat(run(List.of(program, "ask", url, "Hello, nng!"))).isEqualTo("Hello, nng!\n");
        } finally {
            server.destroyForcibly();
        }
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(printed).isZero();
        return printed;
    }
}
