package tofu.engine.net;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.HashSet;
import java.util.Set;

/// A selector without channels, some of whose selects fail.
class BrokenSelector extends AbstractSelector {
    /// How many of the next selects fail.
    int failures;

    BrokenSelector() {
        super(SelectorProvider.provider());
    }

    @Override
    public int selectNow() throws IOException {
        if (failures > 0) {
            failures--;
            throw new IOException("Close failed");
        }
        return 0;
    }

    @Override
    public int select(long timeout) throws IOException {
        return selectNow();
    }

    @Override
    public int select() throws IOException {
        return selectNow();
    }

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attached) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SelectionKey> keys() {
        return Set.of();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        return new HashSet<>();
    }

    @Override
    public Selector wakeup() {
        return this;
    }

    @Override
    protected void implCloseSelector() {}
}
