package tofu.kit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tofu.api.Message;
import tofu.api.OpCode;
import tofu.api.Origin;

@Timeout(60)
class DispatcherTest {
    private Rig rig;

    @BeforeEach
    void open() throws InterruptedException {
        rig = new Rig();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void farSignal(int channel, String header, String body) {
        try (Message signal = rig.message()) {
            signal.opCode(OpCode.SIGNAL).channel(rig.farNumber(channel));
            signal.headers().append(header, "x");
            signal.body().append(body);
            rig.far.enqueueToPeer(signal);
        }
    }

    @Test
    void theHandlerThatFitsBestHasTheMessage() throws Exception {
        int one = rig.connect();
        int two = rig.connect();
        rig.dispatcher
                .otherwise(rig.note("otherwise"))
                .on(OpCode.SIGNAL, rig.note("signal"))
                .on("topic", rig.note("header"))
                .on(one, rig.note("channel"));
        farSignal(one, "topic", "1");
        rig.untilEvents(1);
        farSignal(two, "topic", "2");
        rig.untilEvents(2);
        farSignal(two, "other", "3");
        rig.untilEvents(3);
        rig.farSend(OpCode.REQUEST, rig.farNumber(two), 1, "4");
        rig.untilEvents(4);
        rig.dispatcher.filter(message -> rig.events.add("filter " + message.body().text()));
        farSignal(one, "topic", "5");
        rig.untilEvents(5);

        assertThat(rig.events)
                .containsExactly("channel 1", "header 2", "signal 3", "otherwise 4", "filter 5");
    }

    @Test
    void whatAHandlerHadThatIsOffIsTheNextOnes() throws Exception {
        int channel = rig.connect();
        rig.dispatcher
                .otherwise(rig.note("otherwise"))
                .on(OpCode.SIGNAL, rig.note("signal"))
                .on("topic", rig.note("header"))
                .on("other", rig.note("other header"));
        farSignal(channel, "topic", "1");
        rig.untilEvents(1);
        rig.dispatcher.off("topic");
        farSignal(channel, "topic", "2");
        rig.untilEvents(2);
        farSignal(channel, "other", "3");
        rig.untilEvents(3);
        rig.dispatcher.off(OpCode.SIGNAL);
        farSignal(channel, "topic", "4");
        rig.untilEvents(4);
        rig.dispatcher.off(OpCode.SIGNAL); // as for a header or a channel, once more is no harm
        rig.dispatcher.off("topic");
        rig.dispatcher.on(OpCode.SIGNAL, rig.note("new signal")).on("topic", rig.note("new"));
        farSignal(channel, "none", "5");
        rig.untilEvents(5);
        farSignal(channel, "topic", "6");
        rig.untilEvents(6);

        assertThat(rig.events)
                .containsExactly(
                        "header 1",
                        "signal 2",
                        "other header 3",
                        "otherwise 4",
                        "new signal 5",
                        "new 6");
    }

    @Test
    void whatTheEngineGivesBackIsNoMessageOfAPeer() throws Exception {
        int channel = rig.connect();
        List<Origin> origins = new ArrayList<>();
        rig.dispatcher
                .on(OpCode.SIGNAL, rig.note("signal"))
                .on("topic", rig.note("header"))
                .otherwise(message -> origins.add(message.origin()));
        // Behind our own bye nothing is sent; what is there already comes back.
        for (int i = 0; i < 50; i++) {
            try (Message signal = rig.message()) {
                signal.opCode(OpCode.SIGNAL).channel(channel).headers().append("topic", "x");
                signal.body().append(new byte[60_000]);
                rig.dispatcher.send(signal);
            }
        }
        rig.dispatcher.cut(channel);
        rig.until("the end", () -> origins.size() > 1);

        assertThat(rig.events).isEmpty();
        assertThat(origins).containsOnly(Origin.ENGINE);
    }

    @Test
    void anOpCodeHasOneHandler() {
        rig.dispatcher.on(OpCode.SIGNAL, rig.note("one"));
        assertThatThrownBy(() -> rig.dispatcher.on(OpCode.SIGNAL, rig.note("two")))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theLastMessageOfAChannelMayBeClosedByItsHandler() throws Exception {
        int channel = rig.connect();
        rig.dispatcher.on(
                channel,
                message -> {
                    if (message.endsChannel()) {
                        rig.events.add("end");
                    }
                    message.close();
                });
        rig.dispatcher.cut(channel);
        rig.untilEvents(1);
        assertThat(rig.failures).isEmpty();
    }

    @Test
    void aKeptMessageIsTheHandlers() throws Exception {
        int channel = rig.connect();
        List<Message> kept = new ArrayList<>();
        rig.dispatcher.on(
                channel,
                message -> {
                    if (message.opCode() == OpCode.REQUEST) {
                        kept.add(rig.dispatcher.keep(message));
                    }
                });
        rig.farSend(OpCode.REQUEST, rig.farNumber(channel), 7, "later");
        rig.until("kept", () -> !kept.isEmpty());
        try (Message request = kept.getFirst()) {
            assertThat(request.isEmptied()).isFalse();
            rig.dispatcher.send(request.opCode(OpCode.RESPONSE));
        }
        try (Message response = rig.farNext(OpCode.RESPONSE)) {
            assertThat(response.body().text()).isEqualTo("later");
        }
    }

    @Test
    void timersRunInOrderOfTime() throws Exception {
        rig.dispatcher.after(Duration.ofSeconds(2), () -> rig.events.add("two"));
        rig.dispatcher.after(Duration.ofSeconds(1), () -> rig.events.add("one"));
        Timer never = rig.dispatcher.after(Duration.ofSeconds(1), () -> rig.events.add("never"));
        rig.dispatcher.after(Duration.ofSeconds(Long.MAX_VALUE), () -> rig.events.add("never"));
        rig.dispatcher.after(Duration.ofSeconds(Long.MIN_VALUE), () -> rig.events.add("now"));
        never.cancel();
        rig.advance(Duration.ofMillis(999));
        assertThat(rig.events).containsExactly("now");
        rig.advance(Duration.ofMillis(1));
        assertThat(rig.events).containsExactly("now", "one");
        rig.advance(Duration.ofDays(1));
        assertThat(rig.events).containsExactly("now", "one", "two");
    }

    @Test
    void aTimerThatRepeatsIsNotMadeUpFor() throws Exception {
        Timer timer = rig.dispatcher.every(Duration.ofSeconds(1), () -> rig.events.add("tick"));
        rig.advance(Duration.ofSeconds(1));
        rig.advance(Duration.ofMillis(3_500));
        assertThat(rig.events).hasSize(2);
        rig.advance(Duration.ofSeconds(1));
        assertThat(rig.events).hasSize(3);
        timer.cancel();
        rig.advance(Duration.ofSeconds(9));
        assertThat(rig.events).hasSize(3);
    }

    @Test
    void aTimerMayCancelItself() throws Exception {
        Timer[] self = new Timer[1];
        self[0] =
                rig.dispatcher.every(
                        Duration.ofSeconds(1),
                        () -> {
                            rig.events.add("once");
                            self[0].cancel();
                        });
        rig.advance(Duration.ofSeconds(1));
        rig.advance(Duration.ofSeconds(1));
        assertThat(rig.events).containsExactly("once");
    }

    @Test
    void aTaskThatAddsATaskLetsMessagesThrough() throws Exception {
        int channel = rig.connect();
        rig.dispatcher.on(channel, rig.note("message"));
        rig.dispatcher.execute(
                new Runnable() {
                    @Override
                    public void run() {
                        if (rig.events.isEmpty()) {
                            rig.dispatcher.execute(this);
                        }
                    }
                });
        rig.farSend(OpCode.SIGNAL, rig.farNumber(channel), 1, "through");
        rig.untilEvents(1);
        assertThat(rig.events).containsExactly("message through");
    }

    @Test
    void aTimerThatSetsItselfAgainLetsMessagesThrough() throws Exception {
        int channel = rig.connect();
        rig.dispatcher.on(channel, rig.note("message"));
        rig.dispatcher.after(
                Duration.ZERO,
                new Runnable() {
                    @Override
                    public void run() {
                        if (rig.events.isEmpty()) {
                            rig.dispatcher.after(Duration.ZERO, this);
                        }
                    }
                });
        rig.farSend(OpCode.SIGNAL, rig.farNumber(channel), 1, "through");
        rig.untilEvents(1);
        assertThat(rig.events).containsExactly("message through");
    }

    @Test
    void anUpdateIsNoHelloWhateverItSays() throws Exception {
        rig.dispatcher.on(0, rig.note("update"));
        for (String text : List.of("first", "second")) {
            try (Message update = rig.message()) {
                update.opCode(OpCode.HELLO_REQUEST).body().append(text);
                rig.dispatcher.group().updateReceiver(update);
            }
        }
        rig.untilEvents(2);
        assertThat(rig.events).containsExactly("update first", "update second");
    }

    /// The loop goes on, and the channel is cut as soon as there is memory for it.
    @Test
    void tasksHaveABound() {
        for (int i = 0; i < Tasks.MAX_TASKS; i++) {
            rig.dispatcher.execute(() -> {});
        }
        assertThatThrownBy(() -> rig.dispatcher.execute(() -> {}))
                .isInstanceOf(RejectedExecutionException.class)
                .hasMessageContaining("65536");
    }
}
