package tofu.engine.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandQueueTest {
    private static final int MOST_AT_ONCE = 256;

    private final CommandQueue queue = new CommandQueue();
    private final List<String> events = new ArrayList<>();

    /// A command that fails as often as the test says.
    private final class Planted implements Command {
        private final String name;
        private int runsThatFail;
        private int dropsThatFail;

        Planted(String name) {
            this.name = name;
            queue.add(this);
        }

        @Override
        public void run(long nowNanos) {
            if (runsThatFail-- > 0) {
                throw new StackOverflowError("planted");
            }
            events.add(name + " runs");
        }

        @Override
        public void drop() {
            if (dropsThatFail-- > 0) {
                throw new StackOverflowError("planted");
            }
            events.add(name + " is dropped");
        }
    }

    @Test
    void whatWasDoneIsNotLetGoOf() {
        new Planted("first");
        new Planted("second");

        assertThat(queue.runAll(0)).isEqualTo(2);
        assertThat(queue.dropAll()).isTrue();
        assertThat(queue.dropBegun()).isTrue();

        assertThat(events).containsExactly("first runs", "second runs");
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void whatIsTooMuchForOneTurnIsForTheNextInOrder() {
        int count = 1_000;
        List<String> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            new Planted("" + i);
            all.add(i + " runs");
        }
        int first = queue.runAll(0);
        assertThat(first).isEqualTo(MOST_AT_ONCE);
        assertThat(queue.isEmpty()).isFalse();

        int ran = first;
        while (!queue.isEmpty()) {
            ran += queue.runAll(0);
        }
        assertThat(ran).isEqualTo(count);
        assertThat(events).isEqualTo(all);
    }

    @Test
    void aCommandThatThrowsIsLetGoOfOnceAsAreThoseBehindIt() {
        new Planted("first").runsThatFail = 1;
        new Planted("second");

        assertThatThrownBy(() -> queue.runAll(0)).isInstanceOf(StackOverflowError.class);
        assertThat(queue.runAll(0)).as("run in another's turn").isZero();
        assertThat(queue.dropAll()).isTrue();
        assertThat(queue.dropBegun()).isTrue();
        assertThat(queue.dropBegun()).isTrue();

        assertThat(events).containsExactly("second is dropped", "first is dropped");
    }

    @Test
    void whatCannotBeLetGoOfStaysUntilItCan() {
        Planted begun = new Planted("first");
        begun.runsThatFail = 1;
        begun.dropsThatFail = 1;
        new Planted("second").dropsThatFail = 1;
        new Planted("third");
        assertThatThrownBy(() -> queue.runAll(0)).isInstanceOf(StackOverflowError.class);

        assertThat(queue.dropAll()).isFalse();
        assertThat(queue.dropBegun()).isFalse();
        assertThat(events).containsExactly("third is dropped");

        assertThat(queue.dropAll()).isTrue();
        assertThat(queue.dropBegun()).isTrue();
        assertThat(events)
                .containsExactly("third is dropped", "second is dropped", "first is dropped");
    }
}
