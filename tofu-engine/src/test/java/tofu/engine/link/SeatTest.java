package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tofu.api.Admission;
import tofu.api.LeakDetection;
import tofu.api.Options;
import tofu.engine.FakeNet;
import tofu.engine.channel.Deadline;
import tofu.engine.channel.EngineMemory;
import tofu.engine.channel.Span;
import tofu.engine.loop.FirstFailure;
import tofu.pool.SlotPool;

/// An endpoint's place on a loop, which the test drives.
class SeatTest {
    private static final long DUE = 1_000;

    /// The time, which wraps around.
    private long now = Long.MAX_VALUE - DUE / 2;

    /// When the endpoint is.
    private long due = now + DUE;

    private final Options options =
            Options.builder().initialPoolMessages(0).leakDetection(LeakDetection.OFF).build();
    private final EngineMemory memory =
            new EngineMemory(
                    new SlotPool(options), SlotPool.ofLogs(1 << 20), SlotPool.ofLogs(1 << 20));
    private final List<Integer> released = new ArrayList<>();
    private final List<String> calls = new ArrayList<>();
    private final Span full = () -> calls.add("no longer full");
    private final FakeNet net = new FakeNet(false);
    private final Workbench bench = bench();
    private final Outbox outbox = bench.newOutbox(new KeepingGroup());
    private final Seat seat = new Seat(bench, outbox, 7, endpoint());

    @AfterEach
    void nothingIsLeft() {
        bench.loop.abandon();
        net.check();
        memory.close();
    }

    private Workbench bench() {
        try {
            Shared shared =
                    new Shared(
                            options,
                            () -> now,
                            memory,
                            new Entrance(Admission.everybody(), new Refusals(), () -> {}),
                            new Handshakes(1),
                            noNames(),
                            null,
                            numbers(),
                            new FirstFailure(),
                            recorder());
            return new Workbench(shared, 0, net, 64 << 10, ByteBuffer.allocateDirect(64 << 10));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Resolver noNames() {
        return new Resolver() {
            @Override
            public @Nullable Question ask(String host, Consumer<List<InetAddress>> found) {
                return null;
            }

            @Override
            public void close() {
                // has nothing
            }
        };
    }

    private Recorder recorder() {
        return new Recorder() {
            @Override
            public Span stalling(Endpoint channel, Cause cause) {
                calls.add(cause.name());
                return full;
            }
        };
    }

    private Registry numbers() {
        return new Registry() {
            @Override
            public int reserve() {
                return 0;
            }

            @Override
            public void put(int number, Endpoint endpoint) {
                throw new AssertionError("nobody is put on a number here");
            }

            @Override
            public void release(int number) {
                released.add(number);
            }

            @Override
            public void fail(Throwable bug) {
                throw new AssertionError(bug);
            }
        };
    }

    /// Is due once, and writes down what it is called for.
    private Endpoint endpoint() {
        return (Endpoint)
                Proxy.newProxyInstance(
                        Endpoint.class.getClassLoader(),
                        new Class<?>[] {Endpoint.class},
                        (proxy, method, arguments) ->
                                switch (method.getName()) {
                                    case "deadlineNanos" -> due;
                                    case "mailbox" -> outbox.mailbox();
                                    case "account" ->
                                            new Account(
                                                    outbox.mailbox().totals(),
                                                    (Endpoint) proxy,
                                                    bench.shared.recorder());
                                    case "onTick", "onScheduled" -> {
                                        calls.add(method.getName());
                                        due = Deadline.NONE;
                                        yield null;
                                    }
                                    case "hashCode" -> 1;
                                    case "equals" -> proxy == arguments[0];
                                    default -> null;
                                });
    }

    private void pass(long nanos) throws IOException {
        now += nanos;
        bench.loop.step(0);
    }

    @Test
    void aSeatIsTakenOnce() {
        assertThat(seat.begin()).isTrue();
        assertThat(seat.begin()).isFalse();
        seat.leave();
    }

    @Test
    void whoIsDueIsCalled() throws IOException {
        seat.updateDeadline();
        pass(DUE - 1);
        assertThat(calls).isEmpty();
        pass(1);
        assertThat(calls).containsExactly("onTick");
    }

    @Test
    void whoHasLeftIsNotCalledAnyMoreAndHasEndedThen() throws IOException {
        seat.begin();
        seat.updateDeadline();
        pass(1);
        assertThat(seat.isLeft()).isFalse();
        assertThat(seat.endedNanos()).isEqualTo(Deadline.NONE);

        seat.close();
        seat.leave();

        assertThat(seat.isLeft()).isTrue();
        assertThat(seat.endedNanos()).isEqualTo(now);
        pass(2 * DUE);
        assertThat(calls).isEmpty();
    }

    @Test
    void whoEndsWithTheLoopHasLeft() {
        seat.abandon();

        assertThat(seat.isLeft()).isTrue();
        assertThat(seat.endedNanos()).as("nobody knows when").isEqualTo(Deadline.NONE);
    }

    @Test
    void whoIsToldAgainIsScheduled() throws IOException {
        seat.tellAgain();
        pass(1);

        assertThat(calls).containsExactly("onScheduled");
    }

    @Test
    void aFullQueueIsRecorded() {
        assertThat(seat.queueFull()).isSameAs(full);
        assertThat(calls).containsExactly("SEND_QUEUE_FULL");
    }

    @Test
    void aNumberIsReleasedByWhoeverTakesTheLastNotice() {
        seat.numberRelease().taken(0);

        assertThat(released).containsExactly(7);
        assertThat(seat.backlog()).isSameAs(outbox.backlog());
    }
}
