package tofu.engine.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import tofu.engine.loop.FirstFailure;
import tofu.engine.loop.Reactor;
import tofu.engine.loop.Turn;
import tofu.engine.net.Net;

/// Who waits for the end of a group's channels goes, whatever fails on the way there.
class ResidentsTest {
    private final Deliveries deliveries = new Deliveries();
    private final Reactor loop =
            new Reactor(idle(Turn.class), idle(Net.class), () -> 0, new FirstFailure(), false, 0);
    private final Residents residents = new Residents(loop, deliveries);
    private final DeafGroup group = new DeafGroup();
    private final CountDownLatch closed = new CountDownLatch(1);

    /// Does nothing, and says 0, false and null.
    private static <T> T idle(Class<T> type) {
        return type.cast(
                Proxy.newProxyInstance(
                        type.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> {
                            Class<?> answer = method.getReturnType();
                            if (answer == boolean.class) {
                                return false;
                            }
                            return answer == int.class
                                    ? (Object) 0
                                    : answer == long.class ? 0L : null;
                        }));
    }

    private Endpoint endpointOfGroup() {
        return (Endpoint)
                Proxy.newProxyInstance(
                        Endpoint.class.getClassLoader(),
                        new Class<?>[] {Endpoint.class},
                        (proxy, method, arguments) ->
                                switch (method.getName()) {
                                    case "mailbox" -> group;
                                    case "hashCode" -> 1;
                                    case "equals" -> proxy == arguments[0];
                                    default -> null;
                                });
    }

    @Test
    void whoClosesAGroupWaitsForItsLastChannel() throws IOException {
        Endpoint last = endpointOfGroup();
        residents.add(last);
        residents.end(group, closed);
        loop.step(0);
        assertThat(closed.getCount()).as("a channel is left").isOne();

        residents.remove(last);

        assertThat(closed.getCount()).isZero();
    }

    @Test
    void whoClosesAGroupGoesThoughItsLastMessagesCannotBeDelivered() throws IOException {
        Endpoint last = endpointOfGroup();
        residents.add(last);
        residents.end(group, closed);
        loop.step(0);
        deliveries.touched(new Outbox(group, deliveries));
        group.failure = new OutOfMemoryError("planted");

        assertThatThrownBy(() -> residents.remove(last)).isInstanceOf(OutOfMemoryError.class);
        residents.abandon();

        assertThat(closed.getCount()).isZero();
    }
}
