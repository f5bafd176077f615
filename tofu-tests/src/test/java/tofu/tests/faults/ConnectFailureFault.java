package tofu.tests.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tofu.api.Address;
import tofu.api.Ampe;
import tofu.api.ChannelGroup;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;
import tofu.fixtures.TestAddresses;
import tofu.tests.rigs.Descriptors;
import tofu.tests.rigs.Eventually;
import tofu.tests.rigs.Hoard;
import tofu.tests.rigs.Peer;
import tofu.tests.rigs.Stage;
import tofu.tests.rigs.Transport;
import tofu.tests.rigs.Vitals;

/// Connecting to where nobody is, again and again: each hello comes back with a status, and
/// descriptors, messages and threads stay as few as they were.
@Isolated("counts the process's descriptors")
class ConnectFailureFault {
    private static final int AT_A_TIME = 64;
    private static final int POOL = 4096;

    @RegisterExtension final Stage stage = new Stage();

    /// Where nobody is.
    enum Nowhere {
        A_TCP_PORT {
            @Override
            String address(SocketChannel bound) throws IOException {
                return Transport.TCP.addressOf(bound.getLocalAddress());
            }
        },
        A_DEAD_UDS_FILE {
            @Override
            String address(SocketChannel bound) throws IOException {
                return Transport.UDS.addressOf(bound.getLocalAddress());
            }
        },
        NO_UDS_FILE {
            @Override
            String address(SocketChannel bound) {
                return "uds|" + TestAddresses.temporaryUdsPath();
            }
        };

        /// An address that refuses.
        ///
        /// @param bound a socket that has the address for itself, and does not listen
        abstract String address(SocketChannel bound) throws IOException;

        SocketChannel socket() throws IOException {
            Transport transport = this == A_TCP_PORT ? Transport.TCP : Transport.UDS;
            return transport.openStream().bind(transport.freshSocketAddress());
        }
    }

    @ParameterizedTest
    @EnumSource
    void failuresLeaveNothingBehind(Nowhere nowhere) throws Exception {
        run(nowhere, 1_000);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("long")
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void aHundredThousandFailuresLeaveNothingBehind(Nowhere nowhere) throws Exception {
        run(nowhere, 100_000);
    }

    private void run(Nowhere nowhere, int count) throws Exception {
        Ampe engine = stage.engine(o -> o.maxPoolMessages(POOL).channelQuarantine(Duration.ZERO));
        try (SocketChannel bound = nowhere.socket();
                ChannelGroup group = engine.create()) {
            String address = nowhere.address(bound);
            connect(engine, group, address, count);
            Hoard.sizeOf(engine);
            int descriptors = Descriptors.count();
            List<Thread> threads = stage.engineThreads();
            long heap = Vitals.heapBytes();
            long resident = Vitals.residentBytes();
            connect(engine, group, address, count);
            assertThat(Hoard.sizeOf(engine)).as("messages in the pool").isEqualTo(POOL);
            Eventually.holds("no more descriptors", () -> Descriptors.count() <= descriptors);
            assertThat(stage.engineThreads()).as("threads").isEqualTo(threads);
            System.out.printf(
                    "ConnectFailureFault %s: after %,d failures and after as many more: %d"
                            + " descriptors of sockets and selectors, %d;"
                            + " %d thread both times; heap %.1f MB, %.1f MB; resident"
                            + " %.0f MB, %.0f MB; all %,d messages in the pool%n",
                    nowhere,
                    count,
                    descriptors,
                    Descriptors.count(),
                    threads.size(),
                    heap / 1e6,
                    Vitals.heapBytes() / 1e6,
                    resident / 1e6,
                    Vitals.residentBytes() / 1e6,
                    POOL);
        }
    }

    /// Connects, several times at once, and expects each hello back, and each end.
    private static void connect(Ampe engine, ChannelGroup group, String address, int count)
            throws InterruptedException {
        int begun = 0;
        int returned = 0;
        int ended = 0;
        while (ended < count) {
            for (; begun < count && begun - ended < AT_A_TIME; begun++) {
                Message hello = engine.get();
                group.enqueueToPeer(hello.connectTo(Address.connectTo(address)));
            }
            try (Message message = group.waitReceive(Peer.PATIENCE)) {
                assertThat(message).as("what comes back").isNotNull();
                assertThat(message.origin()).isEqualTo(Origin.ENGINE);
                if (message.endsChannel()) {
                    ended++;
                } else {
                    returned++;
                    assertThat(message.opCode()).isIn(OpCode.HELLO_REQUEST, OpCode.HELLO_RESPONSE);
                }
            }
        }
        assertThat(returned).as("hellos that came back").isEqualTo(count);
    }
}
