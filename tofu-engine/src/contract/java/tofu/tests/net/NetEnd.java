package tofu.tests.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import tofu.engine.net.NetHandler;
import tofu.engine.net.NetStream;

/// One end of a test's connection: a stream, and a handler that remembers what it was told.
///
/// Thread: the test's.
final class NetEnd implements NetHandler {
    private @Nullable NetStream stream;
    private int told;
    private int calls;

    /// What the handler does besides remembering.
    private Runnable reaction = () -> {};

    @Override
    public void onReady(int ops) {
        told |= ops;
        calls++;
        reaction.run();
    }

    void own(NetStream owned) {
        this.stream = owned;
    }

    void react(Runnable newReaction) {
        this.reaction = newReaction;
    }

    NetStream stream() {
        if (stream == null) {
            throw new IllegalStateException("not connected");
        }
        return stream;
    }

    /// How often the handler was called.
    int calls() {
        return calls;
    }

    /// Says whether this readiness was told since it was last asked for.
    boolean take(int op) {
        boolean was = (told & op) != 0;
        told &= ~op;
        return was;
    }

    void interest(int ops) {
        stream().interest(ops);
    }

    int read(ByteBuffer target) throws IOException {
        return stream().read(target);
    }

    int write(ByteBuffer source) throws IOException {
        return stream().write(source);
    }

    void close() {
        if (stream != null) {
            stream.close();
        }
    }
}
