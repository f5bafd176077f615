package tofu.tests.flight;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Proxy;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import tofu.api.Statistics.DeadlineName;
import tofu.api.Status;
import tofu.engine.SystemEnvironment;
import tofu.engine.link.Endpoint;
import tofu.engine.link.Recorder;

/// What the engine's recorder costs while nobody records. Alone in the process, as a recording
/// would be of all of it.
@Isolated
class UnrecordedTest {
    private static final int TIMES = 1_000;
    private static final int TRIES = 20;

    private final Recorder recorder = new SystemEnvironment().newRecorder(7);
    private final Recorder.Busy loop = recorder.loop(0);

    /// Fails if it is asked anything.
    private final Endpoint channel =
            (Endpoint)
                    Proxy.newProxyInstance(
                            Endpoint.class.getClassLoader(),
                            new Class<?>[] {Endpoint.class},
                            (proxy, method, arguments) -> {
                                throw new AssertionError("asked for " + method);
                            });

    private final Throwable place = new Throwable();

    private boolean tellAll() {
        boolean nothing = recorder.connecting(channel) == null;
        for (Recorder.Layer layer : LAYERS) {
            nothing &= recorder.shakingHands(channel, layer) == null;
        }
        for (Recorder.Cause cause : CAUSES) {
            nothing &= recorder.stalling(channel, cause) == null;
        }
        recorder.closed(channel, Status.CHANNEL_CLOSED);
        recorder.frameRejected(channel, Status.INVALID_MESSAGE);
        recorder.deadlineHit(channel, DeadlineName.SEND);
        recorder.poolEmpty(1, 2, 3);
        recorder.leaked(1, place);
        loop.begin();
        loop.end();
        return nothing;
    }

    private static final Recorder.Layer[] LAYERS = Recorder.Layer.values();
    private static final Recorder.Cause[] CAUSES = Recorder.Cause.values();

    @Test
    void nothingIsAllocatedAndNoChannelIsAsked() {
        assertThat(recorder).as("this JVM has a recorder").isNotSameAs(Recorder.NONE);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < TRIES; i++) { // what is loaded and compiled first has its price
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int j = 0; j < TIMES; j++) {
                assert tellAll() : "something is recorded";
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }
        assertThat(least).as("bytes").isLessThan(TIMES);
    }
}
