package tofu.tests.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static tofu.tests.net.NetRig.direct;
import static tofu.tests.net.NetRig.pattern;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.ConnectException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tofu.engine.net.Net;
import tofu.engine.net.NetAcceptor;
import tofu.engine.net.NetStream;
import tofu.tests.net.NetRig.Pair;

/// What every [Net] does, driven by [Net#poll(long, Runnable)] alone.
///
/// A subclass says how to open one and which addresses to use. Readiness may be spurious; so
/// nothing here asserts that a handler is *not* called, except where interest is off or the stream
/// closed.
/// Long, as it is one suite: no fake passes half of it.
@Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
public abstract class NetContract {
    /// More than any net calls in one poll.
    private static final int MANY = 40;

    NetRig rig;

    /// Opens a net; it can reach the others that this object opened.
    ///
    /// @return a net that the caller closes
    /// @throws IOException if there is none to be had
    public abstract Net openNet() throws IOException;

    /// An address that can be listened on, and is not.
    ///
    /// @return an address, another one each time (or one that stands for any)
    /// @throws IOException if there is none to be had
    public abstract SocketAddress freshAddress() throws IOException;

    /// An address that refuses to be connected to, because nobody listens there.
    ///
    /// @return an address
    /// @throws IOException if there is none to be had
    public abstract SocketAddress refusingAddress() throws IOException;

    @BeforeEach
    void openRig() throws IOException {
        rig = new NetRig(this::openNet);
    }

    @AfterEach
    void closeRig() {
        rig.close();
    }

    final NetAcceptor listen(NetEnd door) throws IOException {
        return rig.listen(freshAddress(), door);
    }

    final Pair connect() throws IOException {
        return rig.connectTo(listen(new NetEnd()));
    }

    // -- Bytes

    @Test
    void aConnectionCarriesBytesBothWays() throws IOException {
        Pair pair = connect();
        rig.send(pair.client(), pattern(3000));
        assertThat(rig.receive(pair.server(), 3000)).isEqualTo(pattern(3000));
        rig.send(pair.server(), pattern(70));
        assertThat(rig.receive(pair.client(), 70)).isEqualTo(pattern(70));
    }

    @Test
    void muchTravelsBothWaysAtOnceInManyParts() throws IOException {
        Pair pair = connect();
        byte[] bytes = pattern(8 << 20);
        Traffic there = new Traffic(pair.client(), direct(bytes), bytes.length);
        Traffic back = new Traffic(pair.server(), direct(bytes), bytes.length);

        rig.until(
                "all arrived",
                () -> {
                    boolean thereDone = there.step();
                    boolean backDone = back.step();
                    return thereDone && backDone;
                });

        assertThat(NetRig.bytesOf(there.in)).isEqualTo(bytes);
        assertThat(NetRig.bytesOf(back.in)).isEqualTo(bytes);
        assertThat(there.writes + back.writes).as("8 MiB fit in no buffer").isGreaterThan(2);
    }

    @Test
    void aFullStreamTakesPartAndIsWritableWhenThePeerHasRead() throws IOException {
        Pair pair = connect();
        ByteBuffer source = direct(pattern(32 << 20));
        while (pair.client().write(source) > 0) {
            assertThat(source.hasRemaining()).as("32 MiB do not fit").isTrue();
        }
        int taken = source.position();
        assertThat(taken).isPositive();

        assertThat(rig.receive(pair.server(), taken)).isEqualTo(pattern(taken));
        pair.client().interest(Net.WRITE);
        rig.until("writable", () -> pair.client().take(Net.WRITE));
        rig.until("it takes the next", () -> pair.client().write(source) > 0);
    }

    @Test
    void readTakesNoMoreThanThereIsRoomForAndTheRestIsToldAgain() throws IOException {
        Pair pair = connect();
        rig.send(pair.client(), pattern(10));

        assertThat(rig.receive(pair.server(), 4)).isEqualTo(new byte[] {0, 31, 62, 93});
        assertThat(rig.receive(pair.server(), 6)).startsWith(124).endsWith(pattern(10)[9]);
    }

    @Test
    void readAndAcceptSayNothingWhenThereIsNothing() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        assertThat(acceptor.accept()).isNull();
        Pair pair = rig.connectTo(acceptor);

        assertThat(pair.server().read(ByteBuffer.allocateDirect(1))).isZero();
        assertThat(pair.client().read(ByteBuffer.allocateDirect(1))).isZero();
        assertThat(acceptor.accept()).isNull();
        rig.checkEcho(pair);
    }

    // -- Endings

    @Test
    void afterCloseThePeerReadsAllThenTheEnd() throws IOException {
        Pair pair = connect();
        rig.send(pair.client(), pattern(5000));
        pair.client().close();

        assertThat(rig.receive(pair.server(), 5000)).isEqualTo(pattern(5000));
        assertThat(rig.receiveEnd(pair.server())).isNull();
        assertThat(pair.server().read(ByteBuffer.allocateDirect(1))).isEqualTo(-1);
    }

    @Test
    void afterShutdownOutputThePeerReadsTheEndAndCanStillSend() throws IOException {
        Pair pair = connect();
        rig.send(pair.client(), pattern(9));
        pair.client().stream().shutdownOutput();

        assertThat(rig.receive(pair.server(), 9)).isEqualTo(pattern(9));
        assertThat(rig.receiveEnd(pair.server())).isNull();
        rig.send(pair.server(), pattern(2000));
        assertThat(rig.receive(pair.client(), 2000)).isEqualTo(pattern(2000));
        assertThatThrownBy(() -> pair.client().write(direct(pattern(1))))
                .isInstanceOf(IOException.class);
    }

    @Test
    void afterResetThePeerIsToldOfAFailureOrTheEnd() throws IOException {
        Pair pair = connect();
        pair.client().stream().reset();
        rig.receiveEnd(pair.server());
    }

    @Test
    void writingToAClosedPeerFailsInTheEnd() throws IOException {
        Pair pair = connect();
        pair.server().close();

        assertThatThrownBy(() -> rig.until("failed", () -> writesNegative(pair.client())))
                .isInstanceOf(IOException.class);
    }

    @Test
    void aClosedStreamIgnoresInterestAndMoreClosing() throws IOException {
        Pair pair = connect();
        pair.client().close();
        pair.client().close();
        pair.client().stream().reset();
        pair.client().interest(Net.READ | Net.WRITE);
        rig.turns(5);

        assertThat(pair.client().take(Net.READ | Net.WRITE)).isFalse();
        assertThatThrownBy(() -> pair.client().read(ByteBuffer.allocateDirect(1)))
                .isInstanceOf(IOException.class);
        assertThatThrownBy(() -> pair.client().write(direct(pattern(1))))
                .isInstanceOf(IOException.class);
    }

    // -- Connecting and listening

    @Test
    void connectingIsToldUnlessItIsDoneAtOnce() throws IOException {
        NetEnd end = rig.startConnecting(listen(new NetEnd()));
        if (!end.stream().finishConnect()) {
            rig.until("told", () -> end.take(Net.CONNECT) && end.stream().finishConnect());
        }
        assertThat(end.stream().finishConnect()).isTrue();

        int calls = end.calls();
        rig.turns(5);
        assertThat(end.calls()).as("no interest is left").isEqualTo(calls);
    }

    @Test
    void connectingToNobodyIsRefused() throws IOException {
        SocketAddress nobody = refusingAddress();
        NetEnd end = new NetEnd();
        assertThatThrownBy(
                        () -> {
                            end.own(rig.client.connect(nobody, end));
                            rig.finishConnecting(end);
                        })
                .isInstanceOf(ConnectException.class);

        end.close();
        int calls = end.calls();
        rig.turns(5);
        assertThat(end.calls()).isEqualTo(calls);
    }

    @Test
    void connectingCanBeGivenUp() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        NetEnd closed = rig.startConnecting(acceptor);
        closed.close();
        NetEnd reset = rig.startConnecting(acceptor);
        reset.stream().reset();
        rig.turns(5);

        assertThat(closed.calls() + reset.calls()).isZero();
        rig.checkAccepts(acceptor);
    }

    @Test
    void connectionsWaitInTheBacklogWhileInterestIsOff() throws IOException {
        NetEnd door = new NetEnd();
        NetAcceptor acceptor = listen(door);
        acceptor.interest(false);
        List<NetEnd> waiting = new ArrayList<>();
        List<ByteBuffer> sources = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            NetEnd end = rig.startConnecting(acceptor);
            rig.finishConnecting(end);
            ByteBuffer source = direct(pattern(100 + i));
            end.write(source); // taken at once, unless the two ends have to agree first
            waiting.add(end);
            sources.add(source);
        }
        rig.turns(5);
        assertThat(door.calls()).isZero();

        acceptor.interest(true);
        for (int i = 0; i < 5; i++) {
            rig.until("told", () -> door.take(Net.ACCEPT));
            NetEnd end = rig.register(rig.accept(acceptor), rig.server);
            ByteBuffer rest = sources.get(i);
            NetEnd client = waiting.get(i);
            rig.until("sent", () -> !rest.hasRemaining() || client.write(rest) > 0);
            assertThat(rig.receive(end, 100 + i)).isEqualTo(pattern(100 + i));
        }
        assertThat(acceptor.accept()).isNull();
    }

    @Test
    void aSecondListenerIsRefusedAndTheFirstGoesOn() throws IOException {
        NetAcceptor first = listen(new NetEnd());
        assertThatThrownBy(() -> rig.listen(first.localAddress(), new NetEnd()))
                .isInstanceOf(BindException.class);
        rig.checkAccepts(first);
    }

    @Test
    void aClosedAcceptorFreesItsAddressAtOnce() throws IOException {
        NetAcceptor first = listen(new NetEnd());
        SocketAddress address = first.localAddress();
        Pair old = rig.connectTo(first);
        old.server().close(); // with TCP, TIME_WAIT stays behind
        first.close();
        first.close();
        first.interest(true);

        NetAcceptor second = rig.listen(address, new NetEnd());

        assertThat(second.localAddress()).isEqualTo(address);
        rig.checkEcho(rig.connectTo(second));
    }

    @Test
    void acceptedStreamsOutliveTheirAcceptor() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        Pair pair = rig.connectTo(acceptor);
        acceptor.close();

        rig.checkEcho(pair);
        assertThatThrownBy(() -> rig.finishConnecting(rig.startConnecting(acceptor)))
                .isInstanceOf(IOException.class);
    }

    @Test
    void anAcceptedStreamCanBeServedByAnotherNet() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        NetEnd clientEnd = rig.startConnecting(acceptor);
        NetStream accepted = rig.accept(acceptor);
        rig.finishConnecting(clientEnd);
        NetEnd serverEnd = rig.register(accepted, rig.openNet());
        acceptor.close();

        rig.checkEcho(new Pair(clientEnd, serverEnd));
    }

    @Test
    void aClosedStreamCannotBeRegistered() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        rig.startConnecting(acceptor);
        NetStream accepted = rig.accept(acceptor);
        accepted.close();

        assertThatThrownBy(() -> rig.server.register(accepted, new NetEnd()))
                .isInstanceOf(IOException.class);
    }

    // -- The loop

    @Test
    void withoutInterestNothingIsTold() throws IOException {
        Pair pair = connect();
        NetEnd end = pair.server();
        rig.send(pair.client(), pattern(1));
        rig.turns(5);
        assertThat(end.calls()).as("a registered stream has no interest").isZero();

        end.interest(Net.READ);
        rig.until("told", () -> end.take(Net.READ));
        end.interest(0);
        int calls = end.calls();
        rig.turns(5);
        assertThat(end.calls()).isEqualTo(calls);

        end.interest(Net.WRITE);
        rig.until("told", () -> end.take(Net.WRITE));
        assertThat(end.take(Net.READ)).as("only writing is of interest").isFalse();
        assertThat(rig.receive(end, 1)).isEqualTo(pattern(1));
    }

    @Test
    void whatIsNotReadIsToldAgainAndAgain() throws IOException {
        Pair pair = connect();
        rig.send(pair.client(), pattern(1));
        pair.server().interest(Net.READ);
        for (int i = 0; i < 5; i++) {
            rig.until("told", () -> pair.server().take(Net.READ));
        }
        assertThat(rig.receive(pair.server(), 1)).isEqualTo(pattern(1));
    }

    @Test
    void aHandlerMayCloseItsOwnStream() throws IOException {
        Pair pair = connect();
        pair.server().react(pair.server()::close);
        pair.server().interest(Net.READ | Net.WRITE);
        rig.until("told", () -> pair.server().calls() > 0);
        rig.turns(5);

        assertThat(pair.server().calls()).isEqualTo(1);
        assertThat(rig.receiveEnd(pair.client())).isNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aHandlerMayCloseAnotherStreamThatIsReady(boolean broken) throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        Pair first = rig.connectTo(acceptor);
        Pair second = rig.connectTo(acceptor);
        if (broken) {
            first.client().stream().reset();
            second.client().stream().reset();
            rig.turns(5);
        }
        NetEnd one = first.server();
        NetEnd two = second.server();
        one.react(two::close);
        two.react(one::close);
        one.interest(Net.READ | Net.WRITE);
        two.interest(Net.READ | Net.WRITE);
        rig.until("told", () -> one.calls() + two.calls() > 0);
        rig.turns(5);

        assertThat(Math.min(one.calls(), two.calls())).as("calls of the closed one").isZero();
    }

    @Test
    void aHandlerMayCloseItsAcceptorAndTurnInterestOff() throws IOException {
        NetEnd door = new NetEnd();
        NetAcceptor acceptor = listen(door);
        NetEnd end = rig.connectTo(acceptor).server();
        int before = door.calls();
        door.react(acceptor::close);
        end.react(() -> end.interest(0));
        end.interest(Net.WRITE);
        rig.startConnecting(acceptor);
        rig.until("told", () -> door.calls() > before && end.calls() > 0);
        rig.turns(5);

        assertThat(door.calls()).isEqualTo(before + 1);
        assertThat(end.calls()).isEqualTo(1);
    }

    @Test
    void pollTellsHowManyHandlersItCalled() throws IOException {
        Pair one = connect();
        Pair two = connect();
        List<NetEnd> all = List.of(one.client(), one.server(), two.client(), two.server());
        int before = all.stream().mapToInt(NetEnd::calls).sum();
        all.forEach(end -> end.interest(Net.WRITE));
        int called = 0;
        for (int i = 0; i < 10; i++) {
            called += rig.poll(rig.client, 0) + rig.poll(rig.server, 0);
        }
        int after = all.stream().mapToInt(NetEnd::calls).sum();

        assertThat(called).isEqualTo(after - before).isPositive();
    }

    // -- Many that are ready

    /// Connections whose server's end is of interest to nobody yet.
    private List<NetEnd> manyServers() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        List<NetEnd> ends = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            ends.add(rig.connectTo(acceptor).server());
        }
        return ends;
    }

    /// Calls all that a poll finds, be it in several polls.
    private void pollWhole() throws IOException {
        rig.poll(rig.server, Long.MAX_VALUE);
        while (rig.server.hasMore()) {
            rig.poll(rig.server, Long.MAX_VALUE); // which does not wait
        }
    }

    @Test
    void ofManyThatAreReadyEachIsCalledOnce() throws IOException {
        List<NetEnd> ends = manyServers();
        for (int round = 1; round <= 3; round++) {
            ends.forEach(end -> end.interest(Net.WRITE));
            pollWhole();

            assertThat(ends).extracting(NetEnd::calls).containsOnly(round);
            ends.forEach(end -> end.interest(0));
        }
    }

    /// Though what is read little may be ready without its socket, as TLS has it.
    @Test
    void ofManyThatReadLittleNoneIsCalledAgainAndAgain() throws IOException {
        NetAcceptor acceptor = listen(new NetEnd());
        List<NetEnd> ends = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            Pair pair = rig.connectTo(acceptor);
            NetEnd end = pair.server();
            assertThat(pair.client().write(direct(pattern(40_000)))).isPositive();
            end.react(() -> readByte(end));
            ends.add(end);
        }
        ends.forEach(end -> end.interest(Net.READ));
        pollWhole();

        assertThat(ends).extracting(NetEnd::calls).allMatch(calls -> calls <= 2);
        assertThat(ends.stream().mapToInt(NetEnd::calls).sum()).isPositive();
    }

    private static void readByte(NetEnd end) {
        try {
            end.read(ByteBuffer.allocateDirect(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void whoIsNotCalledYetMayBeClosedOrLoseInterest() throws IOException {
        List<NetEnd> ends = manyServers();
        NetEnd closed = ends.getLast();
        for (NetEnd end : ends) {
            end.react(
                    () -> {
                        ends.forEach(each -> each.interest(0));
                        closed.close();
                    });
            end.interest(Net.WRITE);
        }
        pollWhole();

        assertThat(ends.stream().mapToInt(NetEnd::calls).sum()).isOne();
        rig.turns(5);
        assertThat(ends.stream().mapToInt(NetEnd::calls).sum()).isOne();
    }

    @Test
    void pollReturnsWhenTheTimeIsOver() throws IOException {
        Net lone = rig.openNet();
        for (long nanos : new long[] {Long.MIN_VALUE, -1, 0, 1, 999_999, 1_000_000, 3_000_001}) {
            assertThat(rig.poll(lone, nanos)).isZero();
        }
    }

    @Test
    void wakeupBeforePollIsNotLost() throws IOException {
        Net lone = rig.openNet();
        for (long nanos : new long[] {Long.MAX_VALUE, Long.MAX_VALUE - 1, Long.MAX_VALUE / 2}) {
            lone.wakeup();
            lone.wakeup();
            assertThat(rig.poll(lone, nanos)).isZero();
        }
    }

    @Test
    void wakeupEndsAPollThatWaits() throws Exception {
        Net lone = rig.openNet();
        for (int i = 0; i < 50; i++) {
            assertThat(interruptedWhenEnded(lone, i, loop -> lone.wakeup())).isFalse();
        }
    }

    @Test
    void anInterruptEndsAPollThatWaitsAndStaysPending() throws Exception {
        Net lone = rig.openNet();
        for (int i = 0; i < 50; i++) {
            assertThat(interruptedWhenEnded(lone, i, Thread::interrupt)).isTrue();
        }
    }

    @Test
    void anInterruptBeforePollEndsItAndStaysAndClosesNothing() throws IOException {
        Pair pair = connect();
        Thread.currentThread().interrupt();
        rig.poll(rig.server, Long.MAX_VALUE);

        assertThat(Thread.currentThread().isInterrupted()).isTrue();
        rig.checkEcho(pair);
        assertThat(Thread.interrupted()).isTrue();
    }

    /// Ends a poll that waits without end, from just before to well within it, by the round.
    ///
    /// @return whether its thread was interrupted then
    private boolean interruptedWhenEnded(Net net, int round, Consumer<Thread> end)
            throws Exception {
        CountDownLatch started = new CountDownLatch(1);
        List<Boolean> interrupted = new ArrayList<>();
        Thread loop =
                start(
                        () -> {
                            started.countDown();
                            assertThat(rig.poll(net, Long.MAX_VALUE)).isZero();
                            interrupted.add(Thread.currentThread().isInterrupted());
                        });
        started.await();
        LockSupport.parkNanos(round * 40_000L);
        end.accept(loop);
        assertThat(loop.join(NetRig.PATIENCE)).isTrue();
        assertThat(interrupted).as("how often poll returned").hasSize(1);
        return interrupted.getFirst();
    }

    @Test
    void noWakeupOfManyIsLost() throws Exception {
        Net lone = rig.openNet();
        AtomicInteger posted = new AtomicInteger();
        for (int i = 0; i < 4; i++) {
            start(
                    () -> {
                        for (int j = 0; j < 2000; j++) {
                            posted.incrementAndGet();
                            lone.wakeup();
                        }
                    });
        }
        while (posted.get() < 4 * 2000) {
            rig.poll(lone, Long.MAX_VALUE); // waits for ever, and the test fails, if one is lost
        }
    }

    @Test
    void aHandlerMayWakeItsOwnNet() throws IOException {
        Pair pair = connect();
        pair.server().react(rig.server::wakeup);
        pair.server().interest(Net.WRITE);
        rig.until("told", () -> pair.server().calls() > 2);
        pair.server().react(() -> {});

        rig.checkEcho(pair);
    }

    interface Body {
        void run() throws IOException;
    }

    static Thread start(Body body) {
        return Thread.ofPlatform()
                .daemon()
                .start(
                        () -> {
                            try {
                                body.run();
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        });
    }

    private static boolean writesNegative(NetEnd end) throws IOException {
        return end.write(direct(pattern(100))) < 0;
    }

    /// Writes and reads at one end, as readiness tells.
    private static final class Traffic {
        private final NetEnd end;
        private final ByteBuffer out;
        private final ByteBuffer in;
        private int writes;

        Traffic(NetEnd end, ByteBuffer out, int inLength) {
            this.end = end;
            this.out = out;
            this.in = ByteBuffer.allocateDirect(inLength);
            end.interest(Net.READ | Net.WRITE);
        }

        /// Says whether everything is through.
        boolean step() throws IOException {
            if (end.take(Net.READ)) {
                assertThat(end.read(in)).isNotNegative();
            }
            if (end.take(Net.WRITE)) {
                end.write(out);
                writes++;
            }
            int open = (in.hasRemaining() ? Net.READ : 0) | (out.hasRemaining() ? Net.WRITE : 0);
            end.interest(open);
            return open == 0;
        }
    }
}
