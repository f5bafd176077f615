package tofu.tests.sim;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/// One connection of somebody without an engine.
///
/// Thread: one.
final class RudePeer {
    private static final int HELLO_REQUEST = 3;
    private static final int HELLO_RESPONSE = 4;
    private static final int HEADER = 16;

    private final SimStream stream;
    private final Choices choices;
    private final boolean reads;
    private final Deque<ByteBuffer> unsent = new ArrayDeque<>();
    private final ByteBuffer trash = ByteBuffer.allocate(4_096);
    private final boolean client;
    private long nextId = Ledger.FOREIGN;

    /// Nothing was said, and nothing is to be said.
    private boolean silent;

    /// The last that is to be said is the beginning of a frame.
    private boolean stalled;

    RudePeer(SimStream stream, boolean client, Choices choices) {
        this.stream = stream;
        this.choices = choices;
        this.client = client;
        this.reads = !choices.oneIn(3);
        this.silent = choices.oneIn(8);
        if (!silent && !choices.oneIn(4)) {
            unsent.add(frame(client ? HELLO_REQUEST : HELLO_RESPONSE, 0));
        }
    }

    boolean isGone() {
        return stream.isClosed();
    }

    /// Goes, unless it is the engine's turn to end a connection on which it waits in vain.
    void leave() {
        boolean waitedFor = stalled && unsent.isEmpty() || silent && client;
        SimStream engine = stream.peer();
        if (!waitedFor || engine == null || !engine.isRegistered()) {
            stream.close();
        }
    }

    /// Goes; if it had not before, the engine has.
    void checkCut() {
        if (!stream.isClosed() && !stream.isBroken() && !stream.in().hasEnded()) {
            throw new Violation("a peer that stalls was never cut off: " + stream);
        }
        stream.close();
    }

    void act() {
        try {
            if (stream.isClosed() || !stream.finishConnect()) {
                return;
            }
            if (reads && stream.read(trash.clear()) < 0) {
                stream.close();
                return;
            }
            speak();
        } catch (IOException e) {
            stream.close();
        }
    }

    private void speak() throws IOException {
        if (!stalled && !silent) {
            say();
        }
        ByteBuffer next = unsent.peek();
        if (next != null && !stream.isClosed() && !stream.out().hasEnded()) {
            stream.write(next);
            if (!next.hasRemaining()) {
                unsent.remove();
            }
        }
    }

    private void say() throws IOException {
        switch (choices.below(40)) {
            case 39 -> stream.reset();
            case 38 -> stream.close();
            case 37 -> stream.shutdownOutput();
            case 36 -> unsent.add(garbage());
            case 35 -> {
                unsent.add(half());
                stalled = true;
            }
            case 34 -> unsent.add(frame(choices.below(256), choices.below(64)));
            case 33 -> unsent.add(frame(5 + choices.below(2), choices.below(64)));
            default -> {
                if (choices.oneIn(3)) {
                    unsent.add(frame(choices.below(3), choices.below(200)));
                }
            }
        }
    }

    private ByteBuffer frame(int proto, int length) {
        ByteBuffer frame = ByteBuffer.allocate(HEADER + length);
        frame.putShort((short) choices.below(1 << 16));
        frame.put((byte) proto).put((byte) (choices.oneIn(10) ? choices.below(256) : 0));
        frame.putLong(choices.oneIn(30) ? 0 : nextId++);
        return frame.putShort((short) 0).putShort((short) length).clear();
    }

    /// A frame that claims more than will ever come.
    private ByteBuffer half() {
        int length = choices.below(300);
        ByteBuffer frame = frame(0, length);
        return frame.putShort(14, (short) (length + 1 + choices.below(60_000)));
    }

    private ByteBuffer garbage() {
        ByteBuffer bytes = ByteBuffer.allocate(1 + choices.below(100));
        while (bytes.hasRemaining()) {
            bytes.put((byte) choices.below(256));
        }
        // As an id it must not be one of ours.
        if (bytes.capacity() > 4) {
            bytes.put(4, (byte) 0x7F);
        }
        return bytes.clear();
    }
}
