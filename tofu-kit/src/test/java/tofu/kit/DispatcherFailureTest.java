package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tofu.api.AmpeException;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Options;
import tofu.api.Origin;
import tofu.api.Status;

/// What handlers throw, and what becomes of the channel and of the loop.
@Timeout(60)
class DispatcherFailureTest {
    private Rig rig;

    @BeforeEach
    void open() throws InterruptedException {
        rig = new Rig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void aHandlerThatThrowsLosesItsChannelAndNothingElse() throws Exception {
        int bad = rig.connect();
        int good = rig.connect();
        rig.dispatcher
                .on(
                        bad,
                        message -> {
                            if (message.origin() == Origin.APPLICATION) {
                                throw new IllegalStateException(message.body().text());
                            }
                            if (message.endsChannel()) {
                                rig.events.add("end");
                            }
                        })
                .on(good, rig.note("good"));
        for (String text : new String[] {"boom", "what is behind", "is nothing any more"}) {
            rig.farSend(OpCode.SIGNAL, rig.farNumber(bad), 1, text);
        }
        rig.untilEvents(1);
        rig.farEnd(rig.farNumber(bad));
        rig.farSend(OpCode.SIGNAL, rig.farNumber(good), 1, "still here");
        rig.untilEvents(2);

        assertThat(rig.events).containsExactly("end", "good still here");
        assertThat(rig.failures).singleElement().asString().contains("boom");
    }

    static List<FailureHandler> throwing() {
        return List.of(
                (failure, number) -> {
                    throw new IllegalStateException("worse");
                },
                (failure, number) -> {
                    throw (RuntimeException) failure; // which cannot suppress itself
                });
    }

    @ParameterizedTest
    @MethodSource("throwing")
    void aFailureHandlerThatThrowsEndsNothing(FailureHandler handler) throws Exception {
        int channel = rig.connect();
        rig.dispatcher.onFailure(handler);
        rig.dispatcher.execute(
                () -> {
                    throw new IllegalStateException("bad");
                });
        rig.dispatcher.on(channel, rig.note("good"));
        rig.farSend(OpCode.SIGNAL, rig.farNumber(channel), 1, "still here");
        rig.untilEvents(1);
        assertThat(rig.events).containsExactly("good still here");
    }

    @Test
    void whoCannotBeCutOffForWantOfMemoryIsAtTheNextFailure() throws Exception {
        AtomicBoolean none = new AtomicBoolean();
        rig.close();
        rig = new Rig(Proxies.shortOfMemory(none));
        int channel = rig.connect();
        rig.dispatcher.on(
                channel,
                message -> {
                    if (message.origin() == Origin.APPLICATION) {
                        rig.events.add("failed " + message.body().text());
                        throw new IllegalStateException("bad");
                    }
                    if (message.endsChannel()) {
                        rig.events.add("end");
                    }
                });
        none.set(true);
        rig.farSend(OpCode.SIGNAL, rig.farNumber(channel), 1, "once");
        rig.untilEvents(1);
        none.set(false);
        rig.farSend(OpCode.SIGNAL, rig.farNumber(channel), 1, "twice");
        rig.untilEvents(3);
        assertThat(rig.events).containsExactly("failed once", "failed twice", "end");
    }

    @Test
    void theEndOfAChannelIsToldToAllWhateverOneThrows() throws Exception {
        int channel = rig.connect();
        rig.dispatcher
                .filter(
                        message -> {
                            throw new IllegalStateException("not mine");
                        })
                .filter(message -> rig.events.add("second"))
                .on(channel, rig.note("channel"));
        rig.dispatcher.cut(channel);
        rig.untilEvents(2);
        assertThat(rig.events).contains("second", "channel ");
    }

    /// The second one to throw the same could not be suppressed by itself.
    @Test
    void theEndOfAChannelIsToldToAllThoughTwoHaveTheSameError() throws Exception {
        int channel = rig.connect();
        Error none = new OutOfMemoryError("none");
        Filter bad =
                message -> {
                    if (message.endsChannel()) {
                        throw none;
                    }
                    return false;
                };
        rig.dispatcher.on(channel, rig.note("channel")).filter(bad).filter(bad);
        rig.dispatcher.cut(channel);
        rig.until("failure", () -> !rig.failures.isEmpty());
        assertThat(rig.events).last().isEqualTo("channel ");
        assertThat(rig.failures).containsExactly(none);
    }

    @Test
    void aHandlerThatThrowsWhileThereIsNoMemoryEndsNothing() throws Exception {
        rig.close();
        rig = new Rig(Options.builder().maxPoolBytes(4 << 20).build());
        int channel = rig.connect();
        List<Message> hoard = new ArrayList<>();
        rig.dispatcher.on(
                channel,
                message -> {
                    if (message.origin() == Origin.APPLICATION) {
                        hoardAll(hoard);
                        throw new IllegalStateException("boom");
                    }
                    rig.events.add(message.endsChannel() ? "end" : "notice");
                });
        rig.farSend(OpCode.SIGNAL, rig.farNumber(channel), 1, "x");
        rig.until("failure", () -> !rig.failures.isEmpty());
        assertThat(rig.events).doesNotContain("end");
        hoard.forEach(Message::close);
        rig.advance(Duration.ofSeconds(1));
        rig.until("end", () -> rig.events.contains("end"));
        assertThat(rig.failures).singleElement().asString().contains("boom");
    }

    private void hoardAll(List<Message> hoard) {
        try {
            while (true) {
                hoard.add(rig.message());
            }
        } catch (AmpeException e) {
            assertThat(e.status()).isEqualTo(Status.ALLOCATION_FAILED);
        }
    }
}
