package tofu.tests.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import tofu.api.PeerIdentity;
import tofu.engine.net.Net;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.NetStream;
import tofu.engine.net.NioNet;
import tofu.tests.net.NetRig.Pair;
import tofu.tests.rigs.Descriptors;

/// What [NioNet] does besides: descriptors, interrupts, and time as it passes.
@Isolated("counts the descriptors of the process")
abstract class NioNetContract extends NetContract {
    @TempDir Path folder;

    @Override
    public final Net openNet() throws IOException {
        return NioNet.open(System::nanoTime);
    }

    /// What the program [Exhaustion] is to listen on.
    abstract List<String> exhaustionArguments();

    @Test
    void descriptorsDoNotPileUpWhileTheLoopPolls() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        SocketAddress nobody = refusingAddress();
        rig.connectTo(acceptor).client().close();
        rig.turns(1);
        int before = Descriptors.count();
        int most = 0;
        for (int i = 0; i < 300; i++) {
            Pair pair = rig.connectTo(acceptor);
            failToConnect(nobody);
            most = Math.max(most, i % 10 == 0 ? Descriptors.count() : 0);
            if (i % 2 == 0) {
                pair.client().close();
                pair.server().stream().reset();
            } else {
                pair.server().close();
                pair.client().stream().reset();
            }
            rig.turns(1);
        }
        assertThat(Descriptors.count()).isEqualTo(before);
        assertThat(most).isLessThan(before + 10);
    }

    @Test
    void closingLeavesNoDescriptor() throws IOException {
        rig.close();
        int before = Descriptors.count();
        rig = new NetRig(() -> NioNet.open(System::nanoTime));
        NetAcceptor acceptor = listen(new NetEnd());
        Pair closedUnpolled = rig.connectTo(acceptor);
        Pair resetUnpolled = rig.connectTo(acceptor);
        rig.connectTo(acceptor); // stays open
        rig.startConnecting(acceptor);
        closedUnpolled.client().close();
        closedUnpolled.server().close();
        resetUnpolled.client().stream().reset();
        resetUnpolled.server().stream().reset();

        rig.server.close();
        rig.client.close();
        rig.server.close();

        assertThat(Descriptors.count()).isEqualTo(before);
        acceptor.close();
        acceptor.interest(false);
        rig.server.wakeup();
    }

    @Test
    void closingTheNetClosesAcceptorsToo() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        SocketAddress address = acceptor.localAddress();
        rig.server.close();

        NetAcceptor second = rig.client.listen(address, 1, NetRig.OWNER_ONLY, new NetEnd());
        second.close();
    }

    @Test
    void whatFailsLeavesNothingOpen() throws IOException {
        NetAcceptor taken = listen(new NetEnd());
        SocketAddress nobody = refusingAddress();
        failToConnect(nobody);
        rig.turns(1);
        int before = Descriptors.count();
        for (int i = 0; i < 20; i++) {
            failToConnect(nobody);
            assertThatThrownBy(() -> rig.listen(taken.localAddress(), new NetEnd()))
                    .isInstanceOf(IOException.class);
            assertThatThrownBy(() -> rig.client.connect(new SocketAddress() {}, ops -> {}))
                    .isInstanceOf(IOException.class);
        }
        rig.turns(1);
        // Those that probed are in the backlog; accepting them opens one descriptor at a time.
        for (NetStream probe = taken.accept(); probe != null; probe = taken.accept()) {
            probe.close();
        }
        assertThat(Descriptors.count()).isEqualTo(before);
    }

    @Test
    void aStreamBelongsToOneNet() throws IOException {
        Pair pair = connect();
        NetStream stream = pair.server().stream();
        assertThatThrownBy(() -> rig.client.register(stream, ops -> {}))
                .isInstanceOf(IllegalStateException.class);
        NetAcceptor acceptor = listen(new NetEnd());
        rig.startConnecting(acceptor);
        NetStream homeless = rig.accept(acceptor);
        homeless.interest(0);
        assertThatThrownBy(() -> homeless.interest(Net.READ))
                .isInstanceOf(IllegalStateException.class);
        homeless.close();
    }

    @Test
    void connectionsWithoutInterestDoNotEndThePoll() throws IOException {
        for (int i = 0; i < 5; i++) {
            connect();
        }
        for (Net net : List.of(rig.server, rig.client)) {
            rig.poll(net, 0); // what closing and connecting left over
            Instant start = Instant.now();
            assertThat(rig.poll(net, 30_000_000)).isZero();
            assertThat(Duration.between(start, Instant.now())).isGreaterThan(Duration.ofMillis(29));
        }
    }

    @Test
    void closingAnAcceptorLosesNoWakeup() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        rig.server.wakeup();
        acceptor.close();
        assertThat(rig.poll(rig.server, Long.MAX_VALUE)).isZero();
    }

    @Test
    void pollWaitsNoLessThanItWasAskedTo() throws IOException {
        Net lone = rig.openNet();
        for (long micros : new long[] {1, 1500, 20_000}) {
            Instant start = Instant.now();
            assertThat(rig.poll(lone, micros * 1000)).isZero();
            assertThat(Duration.between(start, Instant.now()))
                    .isGreaterThanOrEqualTo(Duration.ofNanos(micros * 1000));
        }
    }

    @Test
    void anInterruptInAHandlerClosesNothing() throws IOException {
        NetEnd door = new NetEnd();
        NetAcceptor acceptor = listen(door);
        Pair pair = rig.connectTo(acceptor);
        pair.server().react(Thread.currentThread()::interrupt);
        door.react(Thread.currentThread()::interrupt);

        rig.checkEcho(pair);
        Thread.currentThread().interrupt();
        rig.checkEcho(rig.connectTo(acceptor));
        Thread.currentThread().interrupt();
        NetAcceptor another = listen(new NetEnd());
        rig.checkAccepts(another);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void exhaustedDescriptorsFailAcceptAndNothingElse() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "needs a shell's ulimit");
        Descriptors.count();
        List<String> command = new ArrayList<>();
        command.addAll(List.of("/bin/sh", "-c", "ulimit -n 64 && exec \"$0\" \"$@\""));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-cp", classPath()));
        command.add(Exhaustion.class.getName());
        command.addAll(exhaustionArguments());
        Path output = folder.resolve("output");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
        try {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(Files.readString(output)).isEqualToIgnoringNewLines("ok");
        } finally {
            process.destroyForcibly();
        }
    }

    /// Where the classes are that [Exhaustion] needs, whether this runs on a class or module path.
    private static String classPath() throws Exception {
        Set<String> roots = new LinkedHashSet<>();
        List<Class<?>> classes =
                List.of(Exhaustion.class, NioNet.class, PeerIdentity.class, Assertions.class);
        for (Class<?> type : classes) {
            String name = type.getName().replace('.', '/') + ".class";
            URL url = type.getResource("/" + name);
            assumeTrue(url != null, () -> "cannot find " + name);
            String text = url == null ? "" : url.toString();
            String root = text.substring(0, text.length() - name.length());
            if (root.startsWith("jar:")) {
                root = root.substring("jar:".length(), root.length() - "!/".length());
            }
            roots.add(Path.of(URI.create(root)).toString());
        }
        return String.join(File.pathSeparator, roots);
    }

    private void failToConnect(SocketAddress nobody) {
        assertThatThrownBy(
                        () -> {
                            NetStream stream = rig.client.connect(nobody, ops -> {});
                            rig.until("refused", stream::finishConnect);
                        })
                .isInstanceOf(IOException.class);
    }
}
