package tofu.engine.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectionKey;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// What is found by one look and called by several polls.
class SelectionTest {
    private static final Runnable NOTHING = () -> {};
    private static final int MANY = 3 * Selection.MOST_CALLS;

    /// A key that is ready for what a test says.
    private static final class Key extends AbstractSelectionKey {
        private final Selector selector;
        private int ready;

        Key(Selector selector, Selection.Target target) {
            this.selector = selector;
            attach(target);
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
            return SelectionKey.OP_READ | SelectionKey.OP_WRITE;
        }

        @Override
        public SelectionKey interestOps(int ops) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int readyOps() {
            return ready;
        }
    }

    /// What finds its keys one event after the other, as that of macOS does.
    private static final class EventSelector extends BrokenSelector {
        private final List<Key> keys = new ArrayList<>();
        private final List<Integer> events = new ArrayList<>();

        void add(Key key, int ops) {
            keys.add(key);
            events.add(ops);
        }

        @Override
        public int selectNow(Consumer<SelectionKey> action) {
            for (int i = 0; i < keys.size(); i++) {
                keys.get(i).ready = events.get(i);
                action.accept(keys.get(i));
            }
            return keys.size();
        }
    }

    /// Remembers what it was told.
    private static final class Told implements Selection.Target {
        private final List<Integer> ops = new ArrayList<>();

        @Override
        public void ready(int keyOps) {
            ops.add(keyOps);
        }

        @Override
        public void close() {}
    }

    private static void pollWhole(Selection selection) throws IOException {
        selection.poll(0, NOTHING);
        while (selection.hasMore()) {
            selection.poll(0, NOTHING);
        }
    }

    @Test
    void aKeyThatIsFoundTwiceIsToldOfBoth() throws Exception {
        try (EventSelector selector = new EventSelector()) {
            Told told = new Told();
            Key key = new Key(selector, told);
            selector.add(key, SelectionKey.OP_READ);
            selector.add(key, SelectionKey.OP_WRITE);
            pollWhole(new Selection(selector, () -> 0));

            assertThat(told.ops).containsExactly(SelectionKey.OP_READ, SelectionKey.OP_WRITE);
        }
    }

    /// However many keys one look finds: a selector may always find them in the same order.
    @Test
    void nobodyIsLeftOutThoughThereIsNoRoomForAll() throws Exception {
        try (EventSelector selector = new EventSelector()) {
            List<Told> all = new ArrayList<>();
            for (int i = 0; i < 3_000; i++) {
                Told told = new Told();
                all.add(told);
                selector.add(new Key(selector, told), SelectionKey.OP_READ);
            }
            pollWhole(new Selection(selector, () -> 0));

            assertThat(all).extracting(told -> told.ops.size()).containsOnly(1);
        }
    }

    @Test
    void aPollCallsAFew() throws Exception {
        try (EventSelector selector = new EventSelector()) {
            for (int i = 0; i < MANY; i++) {
                selector.add(new Key(selector, new Told()), SelectionKey.OP_READ);
            }
            Selection selection = new Selection(selector, () -> 0);

            assertThat(selection.poll(0, NOTHING)).isEqualTo(Selection.MOST_CALLS);
            assertThat(selection.hasMore()).isTrue();
        }
    }

    /// An application may keep an engine that has ended, and with it what this one holds.
    @Test
    void aNetThatIsClosedHoldsNothing() throws Exception {
        SocketAddress anywhere = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        List<NetStream> streams = new ArrayList<>();
        NioNet net = NioNet.open(System::nanoTime);
        try (net) {
            NetAcceptor acceptor =
                    net.listen(anywhere, MANY, Set.<PosixFilePermission>of(), ops -> {});
            for (int i = 0; i < MANY; i++) {
                streams.add(net.connect(acceptor.localAddress(), ops -> {}));
            }
            for (NetStream stream : streams) {
                while (!stream.finishConnect()) {
                    net.poll(0, NOTHING);
                }
                stream.interest(Net.WRITE);
            }
            while (!net.hasMore()) {
                net.poll(0, NOTHING);
            }
            streams.forEach(NetStream::close);
            acceptor.close();
        }

        assertThat(net.hasMore()).isFalse();
    }
}
