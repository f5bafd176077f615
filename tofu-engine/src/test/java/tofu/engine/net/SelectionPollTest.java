package tofu.engine.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.CancelledKeyException;
import java.nio.channels.Pipe;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectionKey;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Whom a poll calls, and what it asks of the selector.
class SelectionPollTest {
    private static final int BOTH = SelectionKey.OP_READ | SelectionKey.OP_WRITE;

    /// As many as one look can keep.
    private static final int MOST_FOUND = 1_024;

    private static final int VERY_MANY = 3_000;

    /// What happens, in order.
    private final List<String> events = new ArrayList<>();

    private final ToldSelector selector = new ToldSelector();
    private long nowNanos = -5;
    private final Selection selection = new Selection(selector, () -> nowNanos);

    @AfterEach
    void close() {
        selection.close();
    }

    /// Writes down how it is called, and finds all keys that were added, ready for all.
    private final class ToldSelector extends BrokenSelector {
        private final List<Key> found = new ArrayList<>();

        @Override
        public int selectNow(Consumer<SelectionKey> action) throws IOException {
            events.add("look");
            selectNow(); // which may fail
            found.forEach(action);
            return found.size();
        }

        @Override
        public int select(Consumer<SelectionKey> action, long millis) {
            events.add("wait " + millis);
            found.forEach(action);
            return found.size();
        }

        @Override
        public Selector wakeup() {
            events.add("wake");
            return this;
        }

        @Override
        public Set<SelectionKey> keys() {
            return Collections.unmodifiableSet(new HashSet<>(found));
        }

        @Override
        protected void implCloseSelector() {
            events.add("closed");
        }
    }

    /// A key with a handler, which says its name first.
    private final class Key extends AbstractSelectionKey implements Selection.Target {
        private final String name;
        private final Runnable handler;
        private int interest = BOTH;

        Key(String name, Runnable handler) {
            this.name = name;
            this.handler = handler;
            selector.found.add(this);
            attach(this);
        }

        @Override
        public SelectableChannel channel() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Selector selector() {
            return selector;
        }

        @Override
        public int interestOps() {
            checkValid();
            return interest;
        }

        @Override
        public SelectionKey interestOps(int ops) {
            interest = ops;
            return this;
        }

        @Override
        public int readyOps() {
            checkValid();
            return BOTH;
        }

        private void checkValid() {
            if (!isValid()) {
                throw new CancelledKeyException();
            }
        }

        @Override
        public void ready(int keyOps) {
            events.add(name + " " + keyOps);
            handler.run();
        }

        @Override
        public void close() {
            events.add(name + " closed");
        }
    }

    private Key key(String name, Runnable handler) {
        return new Key(name, handler);
    }

    private int poll(long maxWaitNanos) throws IOException {
        return selection.poll(maxWaitNanos, () -> events.add("awake"));
    }

    /// What has happened since the last time.
    private List<String> events() {
        List<String> last = List.copyOf(events);
        events.clear();
        return last;
    }

    // -- awake

    @Test
    void eachPollTellsOnceThatItIsAwakeBeforeItsFirstHandler() throws Exception {
        int most = Selection.MOST_CALLS;
        for (int i = 0; i <= most; i++) {
            key("a", () -> {});
        }
        assertThat(poll(0)).isEqualTo(most);
        assertThat(events()).hasSize(2 + most).startsWith("look", "awake", "a 5");
        assertThat(poll(0)).isOne();
        assertThat(events()).containsExactly("awake", "a 5");
        assertThat(selection.hasMore()).isFalse();
    }

    @Test
    void aPollThatFindsNothingIsNotAwake() throws Exception {
        assertThat(poll(0)).isZero();
        key("a", () -> {}).cancel();
        assertThat(poll(0)).isZero();

        assertThat(events()).containsExactly("look", "look");
    }

    // -- what changes between look and call

    @Test
    void whatIsClosedByAHandlerBeforeIsNotCalled() throws Exception {
        Key[] second = new Key[1];
        key("a", () -> second[0].cancel());
        second[0] = key("b", () -> {});

        assertThat(poll(0)).isOne();
        assertThat(events()).containsExactly("look", "awake", "a 5");
    }

    @Test
    void whatIsClosedWhileThePollAwakesIsNotCalled() throws Exception {
        Key key = key("a", () -> {});

        assertThat(selection.poll(0, key::cancel)).isZero();
        assertThat(events()).containsExactly("look");
    }

    @Test
    void aHandlerIsToldOfWhatItIsInterestedInWhenItIsCalled() throws Exception {
        Key[] later = new Key[2];
        key(
                "a",
                () -> {
                    later[0].interest = 0;
                    later[1].interest = SelectionKey.OP_WRITE;
                });
        later[0] = key("b", () -> {});
        later[1] = key("c", () -> {});

        assertThat(poll(0)).isEqualTo(2);
        assertThat(events()).containsExactly("look", "awake", "a 5", "c 4");
    }

    @Test
    void aHandlerThatIsCalledAtOnceForWantOfRoomCountsAndMayCloseTheNext() throws Exception {
        for (int i = 0; i < VERY_MANY; i++) {
            int next = i + 1;
            key(
                    "a",
                    () -> {
                        if (next < VERY_MANY) {
                            selector.found.get(next).cancel();
                        }
                    });
        }
        int first = poll(0);
        assertThat(first).as("every other one").isEqualTo((VERY_MANY - MOST_FOUND) / 2);
        assertThat(events()).hasSize(2 + first);

        int rest = 0;
        while (selection.hasMore()) {
            rest += poll(0);
        }
        assertThat(rest).isEqualTo(MOST_FOUND / 2);
    }

    // -- the selector

    @Test
    void aWaitIsOfTheSelectorAsLongAsItMayBe() throws Exception {
        poll(-1);
        poll(0);
        poll(1);
        poll(3_000_000);
        poll(Long.MAX_VALUE);

        assertThat(events()).containsExactly("look", "look", "wait 1", "wait 3", "wait 0");
    }

    @Test
    void aWakeUpIsTheSelectors() {
        selection.wakeup();

        assertThat(events()).containsExactly("wake");
    }

    @Test
    void whatIsRegisteredIsAChangeThatAWaitDoesNotSee() throws Exception {
        Pipe pipe = Pipe.open();
        try (Selector real = Selector.open();
                Pipe.SourceChannel source = pipe.source();
                Pipe.SinkChannel sink = pipe.sink()) {
            source.configureBlocking(false);
            Selection selectionOfPipe = new Selection(real, () -> 0);
            long before = selectionOfPipe.changes();
            Key target = key("pipe", () -> {});

            SelectionKey key = selectionOfPipe.register(source, SelectionKey.OP_READ, target);

            assertThat(key.attachment()).isSameAs(target);
            assertThat(selectionOfPipe.changes()).isEqualTo(before + 1);
            selectionOfPipe.onChange();
            assertThat(selectionOfPipe.changes()).isEqualTo(before + 2);
            assertThat(sink.isOpen()).isTrue();
        }
    }

    // -- dialling again

    @Test
    void whoIsDialledAgainIsCalledAfterAPauseBehindThoseWhoAreReady() throws Exception {
        long before = selection.changes();
        selection.redial(
                onCall -> {
                    onCall.run();
                    events.add("dialled");
                    return true;
                });
        assertThat(selection.changes()).as("the wait is too long").isEqualTo(before + 1);

        assertThat(poll(Long.MAX_VALUE)).isZero();
        assertThat(events()).containsExactly("wait 1");
        nowNanos += Redials.FIRST_PAUSE_NANOS;
        assertThat(poll(Long.MAX_VALUE)).isOne();
        assertThat(events()).containsExactly("look", "awake", "dialled");

        key("a", () -> {});
        selection.redial(onCall -> events.add("dialled"));
        poll(0);
        assertThat(events()).containsExactly("look", "awake", "a 5");
        nowNanos += Redials.FIRST_PAUSE_NANOS;
        assertThat(poll(0)).isOne();
        assertThat(events()).containsExactly("look", "awake", "a 5", "dialled");
    }

    // -- descriptors of closed channels

    @Test
    void descriptorsAreReleasedAtOnceAndAWakeUpThatWasEatenIsGivenBack() {
        key("a", () -> {});
        selection.releaseClosed();
        assertThat(events()).as("and nobody is called").containsExactly("look", "wake");

        selector.failures = 1;
        selection.releaseClosed();
        assertThat(events()).as("though it fails").containsExactly("look", "wake");
    }

    @Test
    void descriptorsAreNotReleasedWhileAHandlerRuns() throws Exception {
        key("a", selection::releaseClosed);
        poll(0);
        assertThat(events()).containsExactly("look", "awake", "a 5");

        selection.releaseClosed();
        assertThat(events()).containsExactly("look", "wake");
    }

    @Test
    void descriptorsAreReleasedAfterAPollThatThrew() {
        key(
                "a",
                () -> {
                    throw new IllegalStateException("planted");
                });
        assertThatThrownBy(() -> poll(0)).hasMessage("planted");
        events();

        selection.releaseClosed();

        assertThat(events()).containsExactly("look", "wake");
    }

    // -- the end

    @Test
    void closingClosesWhatIsRegisteredThenTheSelectorOnce() throws Exception {
        for (int i = 0; i <= Selection.MOST_CALLS; i++) {
            key("a", () -> {});
        }
        poll(0);
        assertThat(selection.hasMore()).isTrue();
        events();

        selection.close();

        assertThat(events())
                .hasSize(Selection.MOST_CALLS + 2)
                .startsWith("a closed", "a closed")
                .endsWith("a closed", "closed");
        assertThat(selection.hasMore()).isFalse();
        selection.close();
        selection.releaseClosed();
        assertThat(events()).isEmpty();
    }
}
