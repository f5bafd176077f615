package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tofu.api.Channel.Role;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.engine.channel.Span;

/// What an account tells its recorder.
class AccountTest {
    private final List<String> told = new ArrayList<>();
    private final Totals totals = Totals.ofEngine();
    private final Account client = account(Role.CLIENT);

    /// Writes down what it is told.
    private final class Notebook implements Recorder {
        private Span span(String what) {
            told.add(what);
            return () -> told.add("/" + what);
        }

        @Override
        public @Nullable Span connecting(Endpoint channel) {
            return span("connecting");
        }

        @Override
        public @Nullable Span shakingHands(Endpoint channel, Layer layer) {
            return span(layer.name());
        }

        @Override
        public @Nullable Span stalling(Endpoint channel, Cause cause) {
            return span(cause.name());
        }

        @Override
        public void frameRejected(Endpoint channel, Status reason) {
            told.add("rejected " + reason);
        }

        @Override
        public void deadlineHit(Endpoint channel, DeadlineName deadline) {
            told.add("hit " + deadline);
        }
    }

    /// A channel that can say its role and nothing else.
    private Account account(Role role) {
        Endpoint endpoint =
                (Endpoint)
                        Proxy.newProxyInstance(
                                Endpoint.class.getClassLoader(),
                                new Class<?>[] {Endpoint.class},
                                (proxy, method, arguments) ->
                                        method.getName().equals("role") ? role : null);
        return new Account(totals, endpoint, new Notebook());
    }

    private long count(Totals.Event event) {
        return totals.counts()[Totals.indexOf(event)];
    }

    @Test
    void eachStepOfAChannelEndsWhereTheNextBegins() {
        client.connecting();
        client.connected(true);
        client.secured();
        client.greeted();

        assertThat(told)
                .containsExactly("connecting", "/connecting", "TLS", "/TLS", "TOFU", "/TOFU");
        assertThat(count(Totals.Event.CONNECT)).isOne();
        assertThat(count(Totals.Event.TLS_HANDSHAKE)).isOne();
        assertThat(count(Totals.Event.HANDSHAKE)).isOne();
    }

    @Test
    void whoWasAcceptedCountsAsThat() {
        Account server = account(Role.SERVER);
        server.connecting();
        server.connected(false);
        server.greeted();

        assertThat(told).containsExactly("connecting", "/connecting", "TOFU", "/TOFU");
        assertThat(count(Totals.Event.ACCEPT)).isOne();
        assertThat(count(Totals.Event.CONNECT)).isZero();
    }

    @Test
    void eachCauseOfWaitingBeginsAndEndsByItself() {
        client.waitsFor(Account.WINDOW_CLOSED, 10);
        client.waitsFor(Account.WINDOW_CLOSED, 11);
        client.waitsFor(Account.WINDOW_CLOSED + Account.WRITE_BLOCKED, 12);
        client.waitsFor(Account.WRITE_BLOCKED + Account.POOL_EMPTY, 13);
        client.waitsFor(0, 14);

        assertThat(told)
                .containsExactly(
                        "RECEIVE_WINDOW_CLOSED",
                        "WRITE_BLOCKED",
                        "/RECEIVE_WINDOW_CLOSED",
                        "POOL_EMPTY",
                        "/POOL_EMPTY",
                        "/WRITE_BLOCKED");
    }

    @Test
    void whatGoesWrongIsCountedAndTold() {
        client.frameRejected(Status.INVALID_MESSAGE);
        client.deadlineHit(DeadlineName.FRAME);

        assertThat(told).containsExactly("rejected INVALID_MESSAGE", "hit FRAME");
        assertThat(totals.counts()[Totals.indexOfRejected(Status.INVALID_MESSAGE)]).isOne();
        assertThat(totals.counts()[Totals.indexOfHit(DeadlineName.FRAME)]).isOne();
    }

    @Test
    void aFullQueueIsTold() {
        Span full = client.queueFull();
        assertThat(full).isNotNull();
        full.end();
        assertThat(told).containsExactly("SEND_QUEUE_FULL", "/SEND_QUEUE_FULL");
    }
}
