package tofu.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import tofu.engine.net.Net;
import tofu.tests.net.NetContract;

/// The net of the engine's tests keeps the contract of a real one, so that it cannot drift; and it
/// complains of what the contract does on purpose, but an engine should not.
class FakeNetTest extends NetContract {
    private static final String LATE_INTEREST = "interest after close";
    private static final String INTERRUPT = "the loop's thread was interrupted";

    /// The contract's tests that give reason to complain, and what of.
    private static final Map<String, Set<String>> COMPLAINTS =
            Map.of(
                    "aClosedStreamIgnoresInterestAndMoreClosing",
                    Set.of(LATE_INTEREST, "used after close"),
                    "aClosedAcceptorFreesItsAddressAtOnce",
                    Set.of(LATE_INTEREST),
                    "afterShutdownOutputThePeerReadsTheEndAndCanStillSend",
                    Set.of("write after the end of output"),
                    "aSecondListenerIsRefusedAndTheFirstGoesOn",
                    Set.of("an address listened on twice"),
                    "anInterruptEndsAPollThatWaitsAndStaysPending",
                    Set.of(INTERRUPT),
                    "anInterruptBeforePollEndsItAndStaysAndClosesNothing",
                    Set.of(INTERRUPT));

    private final List<FakeNet> nets = new ArrayList<>();

    /// What becomes of the connects that are under way.
    private final Queue<Runnable> outcomes = new ConcurrentLinkedQueue<>();

    /// Runs when the contract has closed its nets.
    @RegisterExtension
    final AfterEachCallback complaints =
            context -> checkComplaints(context.getRequiredTestMethod().getName());

    private void checkComplaints(String test) {
        Set<String> taken = new HashSet<>();
        nets.forEach(net -> taken.addAll(net.takeComplaints()));
        assertThat(taken).isEqualTo(COMPLAINTS.getOrDefault(test, Set.of()));
        nets.forEach(FakeNet::check);
    }

    @Override
    public Net openNet() {
        FakeNet net = new FakeNet(true);
        net.dialer = address -> dial(net, (InetSocketAddress) address);
        net.beforeCall = this::decide;
        nets.add(net);
        return net;
    }

    /// Begins to connect; the outcome is there when a net is polled.
    private FakeStream dial(FakeNet net, InetSocketAddress address) {
        FakeStream stream = new FakeStream(net).pending();
        Optional<FakeAcceptor> acceptor =
                nets.stream().flatMap(each -> each.listening(address.getPort()).stream()).findAny();
        if (acceptor.isPresent()) {
            FakeStream.pair(stream, acceptor.get().arrive());
            outcomes.add(stream::establish);
        } else {
            outcomes.add(() -> stream.refuse(new ConnectException("Connection refused")));
        }
        return stream;
    }

    private void decide() {
        for (Runnable next = outcomes.poll(); next != null; next = outcomes.poll()) {
            next.run();
        }
    }

    /// The contract leaves it open, since with a Unix domain socket the peer may just read the end.
    @Test
    void aResetBreaksThePeersReading() {
        try (Net net = openNet()) {
            FakeStream one = new FakeStream((FakeNet) net);
            FakeStream other = new FakeStream((FakeNet) net);
            FakeStream.pair(one, other);
            one.reset();

            assertThatThrownBy(() -> other.read(ByteBuffer.allocateDirect(1)))
                    .isInstanceOf(SocketException.class);
        }
    }

    @Override
    public SocketAddress freshAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    @Override
    public SocketAddress refusingAddress() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 9);
    }
}
